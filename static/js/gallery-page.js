// @ts-check

/**
 * Around the gallery: leaves out of the address what was not filled in, brings the search field to whoever presses "/", and goes
 * on with the first of the pictures that were loaded, as the button that was pressed is gone.
 */
class GalleryPage extends HTMLElement {
  #shown = 0;

  connectedCallback() {
    for (const type of ["formdata", "htmx:beforeSwap", "htmx:afterSettle"]) this.addEventListener(type, this);
    document.addEventListener("keydown", this);
  }

  disconnectedCallback() {
    for (const type of ["formdata", "htmx:beforeSwap", "htmx:afterSettle"]) this.removeEventListener(type, this);
    document.removeEventListener("keydown", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof FormDataEvent) return this.#leaveOut(event);
    if (event instanceof KeyboardEvent) return this.#search(event);
    if (event.type === "htmx:beforeSwap") this.#shown = this.#hasFocus(event) ? this.#links.length : 0;
    else if (this.#shown) this.#goOn();
  }

  /** @param {FormDataEvent} event */
  #leaveOut({ target, formData }) {
    if (!(target instanceof HTMLFormElement) || !target.matches(".finder")) return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  }

  /** @param {KeyboardEvent} event */
  #search(event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog[open]")) return;
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector('[name="q"]'));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  }

  /** @param {Event} event */
  #hasFocus({ target }) { return target instanceof Element && target.contains(document.activeElement); }

  #goOn() {
    this.#links[this.#shown]?.focus({ preventScroll: true });
    this.#shown = 0;
  }

  get #links() { return /** @type {HTMLElement[]} */ ([...this.querySelectorAll(".picture-link")]); }
}

customElements.define("gallery-page", GalleryPage);
