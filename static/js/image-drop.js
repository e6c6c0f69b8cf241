// @ts-check

const HEARD = ["change", "click", "dragover", "dragleave", "drop", "picture-not-needed"];

/**
 * Around a file field: takes a picture that is dropped or pasted, shows it small with a way to remove it, and then what is
 * inside [data-with-picture]. Tells [data-found] of each new one, with the event "picture".
 */
class ImageDrop extends HTMLElement {
  #address = "";

  connectedCallback() {
    for (const type of HEARD) this.addEventListener(type, this);
    document.addEventListener("paste", this);
    this.#show();
  }

  disconnectedCallback() {
    for (const type of HEARD) this.removeEventListener(type, this);
    document.removeEventListener("paste", this);
    URL.revokeObjectURL(this.#address);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof DragEvent) this.#drag(event);
    else if (event instanceof ClipboardEvent) this.#take(event.clipboardData?.files, event);
    else if (event.type === "picture-not-needed") this.#remove();
    else if (event.type === "change") event.target === this.#input && this.#show();
    else if (event.target instanceof Element && event.target.closest("[data-remove]")) this.#remove();
  }

  /** @param {DragEvent} event */
  #drag(event) {
    const over = event.type === "dragover" && Boolean(event.dataTransfer?.types.includes("Files"));
    this.classList.toggle("is-over", over);
    if (over) event.preventDefault();
    if (event.type === "drop") this.#take(event.dataTransfer?.files, event);
  }

  /** @param {FileList | undefined} files @param {Event} event */
  #take(files, event) {
    const picture = [...(files ?? [])].find((file) => file.type.startsWith("image/"));
    if (event.type === "drop") event.preventDefault();
    if (!picture) return;
    event.preventDefault();
    const transfer = new DataTransfer();
    transfer.items.add(picture);
    this.#input.files = transfer.files;
    this.#input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #remove() {
    this.#input.value = "";
    this.#show();
    this.#input.focus();
  }

  #show() {
    const file = this.#input.files?.[0];
    URL.revokeObjectURL(this.#address);
    this.#address = file ? URL.createObjectURL(file) : "";
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-with-picture]"))) part.hidden = !file;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-without-picture]"))) part.hidden = Boolean(file);
    const thumbnail = this.querySelector("img");
    if (thumbnail) file ? thumbnail.setAttribute("src", this.#address) : thumbnail.removeAttribute("src");
    const name = this.querySelector("[data-name]");
    if (name) name.textContent = file?.name ?? "";
    const found = this.querySelector("[data-found]");
    found?.replaceChildren();
    if (file) found?.dispatchEvent(new CustomEvent("picture"));
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector('input[type="file"]'));
  }
}

customElements.define("image-drop", ImageDrop);
