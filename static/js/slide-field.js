// @ts-check

/** Puts a slider beside the number field inside it; the field stays what is sent, and both follow each other. */
class SlideField extends HTMLElement {
  /** @type {HTMLInputElement | null} */ #slider = null;

  connectedCallback() {
    const field = this.querySelector("input");
    if (!field || this.querySelector('input[type="range"]')) return;
    this.#slider = document.createElement("input");
    const { min, max, step } = field;
    Object.assign(this.#slider, { type: "range", min, max, step, value: field.value });
    this.#slider.setAttribute("aria-label", `${field.labels?.[0]?.textContent?.trim()}, slider`);
    this.prepend(this.#slider);
    this.addEventListener("input", this);
  }

  disconnectedCallback() {
    this.removeEventListener("input", this);
    this.#slider?.remove();
  }

  /** @param {Event} event */
  handleEvent(event) {
    const field = /** @type {HTMLInputElement} */ (this.querySelector('input:not([type="range"])'));
    if (!this.#slider) return;
    if (event.target === this.#slider) field.value = this.#slider.value;
    else if (field.value) this.#slider.value = field.value;
  }
}

customElements.define("slide-field", SlideField);
