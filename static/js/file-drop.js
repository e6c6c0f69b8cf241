// @ts-check

const DROPPING = ["change", "dragover", "dragleave", "drop"];

/** Around a file field: takes all files that are dropped on the page, and says how many are chosen. */
class FileDrop extends HTMLElement {
  connectedCallback() {
    for (const type of DROPPING) document.addEventListener(type, this);
    this.#say();
  }

  disconnectedCallback() {
    for (const type of DROPPING) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof DragEvent) this.#drag(event);
    else if (event.target === this.#input) this.#say();
  }

  /** @param {DragEvent} event */
  #drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    const over = event.type === "dragover";
    this.classList.toggle("is-over", over);
    if (event.type !== "dragleave") event.preventDefault();
    if (event.type !== "drop" || !event.dataTransfer.files.length) return;
    this.#input.files = event.dataTransfer.files;
    this.#say();
  }

  #say() {
    const files = [...(this.#input.files ?? [])];
    const megabytes = files.reduce((sum, file) => sum + file.size, 0) / 1e6;
    const chosen = this.querySelector("[data-chosen]");
    if (!chosen) return;
    const names = files.length === 1 ? files[0].name : `${files.length} files`;
    chosen.textContent = files.length ? `${names}, ${megabytes.toFixed(1)} MB` : "";
    const tooLarge = megabytes > 100 ? "These are more than 100 MB together. Bring them in in several goes." : "";
    this.#input.setCustomValidity(tooLarge);
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector('input[type="file"]'));
  }
}

customElements.define("file-drop", FileDrop);
