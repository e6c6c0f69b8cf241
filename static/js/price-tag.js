// @ts-check

/**
 * Says how many pictures the chosen radio button named in `times` asks for (nothing for one), and what they cost together by the
 * data-microusd (millionths of a dollar for one) of the chosen one named in `of`: " 4 · $0.10"; no sum when they are free.
 * Where there is a budget, `left` says after the sum what remains of it.
 */
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
    const count = Number(this.#chosen("times")?.value ?? 1);
    const price = count * Number(this.#chosen("of")?.dataset.microusd ?? 0);
    const left = this.getAttribute("left");
    this.textContent = (count > 1 ? ` ${count}` : "") + (price ? ` · ${this.#dollars(price)}${left ? ` · ${left}` : ""}` : "");
  }

  /** @param {number} microusd Whole, so that the sum is exact. */
  #dollars(microusd) {
    const parts = String(microusd % 1_000_000).padStart(6, "0");
    return `$${Math.floor(microusd / 1_000_000).toLocaleString("en")}.${parts.replace(/0{1,4}$/, "")}`;
  }

  /** @param {string} attribute */
  #chosen(attribute) {
    return /** @type {HTMLInputElement | null | undefined} */ (this.#form?.querySelector(`[name="${this.getAttribute(attribute)}"]:checked`));
  }
}

customElements.define("price-tag", PriceTag);
