// @ts-check

/** Chips with data-width and data-height fill the two number fields; the button with data-swap turns the picture on its side. */
class SizePicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("input", this);
    this.#mark();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.removeEventListener("input", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const [width, height] = this.#sides();
    if (event.type === "click" && button?.dataset.width) this.#set(button.dataset.width, button.dataset.height ?? "");
    else if (event.type === "click" && button?.matches("[data-swap]")) this.#set(height.value, width.value);
    else if (event.type === "input") this.#mark();
  }

  /** @param {string} width @param {string} height */
  #set(width, height) {
    const sides = this.#sides();
    [sides[0].value, sides[1].value] = [width, height];
    for (const side of sides) side.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #mark() {
    const [width, height] = this.#sides();
    for (const chip of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("button[data-width]"))) {
      const { width: w, height: h } = chip.dataset;
      chip.setAttribute("aria-pressed", String(w === width.value && h === height.value));
    }
  }

  /** @returns {[HTMLInputElement, HTMLInputElement]} */
  #sides() {
    const [width, height] = /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("input"));
    return [width, height];
  }
}

customElements.define("size-picker", SizePicker);
