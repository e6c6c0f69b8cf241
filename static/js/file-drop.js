// @ts-check

const DROPPING = ["change", "dragover", "dragleave", "drop"];

/**
 * Around a file field: takes all files that are dropped on the page, says how many are chosen, and once its form is sent says
 * that it is under way, as bringing in many pictures takes a while.
 */
class FileDrop extends HTMLElement {
  connectedCallback() {
    for (const type of DROPPING) document.addEventListener(type, this);
    this.#form?.addEventListener("submit", this);
    window.addEventListener("pageshow", this);
    this.#say();
  }

  disconnectedCallback() {
    for (const type of DROPPING) document.removeEventListener(type, this);
    this.#form?.removeEventListener("submit", this);
    window.removeEventListener("pageshow", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof DragEvent) this.#drag(event);
    else if (event.type === "submit") this.#busy(true);
    else if (event.type === "pageshow") this.#busy(false);
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

  /** @param {boolean} busy */
  #busy(busy) {
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.#form?.querySelectorAll("[data-busy]") ?? [])) part.hidden = !busy;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.#form?.querySelectorAll("[data-idle]") ?? [])) part.hidden = busy;
    const button = this.#form?.querySelector("button");
    if (button) button.disabled = busy;
  }

  get #form() {
    return this.closest("form");
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector('input[type="file"]'));
  }
}

customElements.define("file-drop", FileDrop);
