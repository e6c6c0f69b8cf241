// @ts-check

/** A live region that says once when a card of the page reaches another state; the steps between are not read out. */
class CardVoice extends HTMLElement {
  /** @type {Map<string, string>} */ #states = new Map();

  connectedCallback() {
    document.addEventListener("htmx:afterSettle", this);
    this.handleEvent();
    this.textContent = "";
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterSettle", this);
  }

  handleEvent() {
    for (const card of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-generation][data-said]"))) {
      const { generation = "", said = "" } = card.dataset;
      if (this.#states.get(generation) === said) continue;
      this.#states.set(generation, said);
      this.textContent = said;
    }
  }
}

customElements.define("card-voice", CardVoice);
