// @ts-check

/** Says what the chosen one of the radio buttons named in `of` costs, by its data-price; nothing when it is free. */
class PriceTag extends HTMLElement {
  /** @type {HTMLFormElement | null} */ #form = null;

  connectedCallback() {
    this.#form = this.closest("form");
    this.#form?.addEventListener("input", this);
    this.handleEvent();
  }

  disconnectedCallback() {
    this.#form?.removeEventListener("input", this);
  }

  handleEvent() {
    const chosen = /** @type {HTMLInputElement | null | undefined} */ (this.#form?.querySelector(`[name="${this.getAttribute("of")}"]:checked`));
    const price = chosen?.dataset.price;
    this.textContent = price ? ` · ${price}` : "";
  }
}

customElements.define("price-tag", PriceTag);
