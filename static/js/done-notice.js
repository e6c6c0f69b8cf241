// @ts-check

const FINISHED = ".is-succeeded, .is-failed, .is-cancelled";

/**
 * Says in the tab's title what was finished while nobody saw the tab, and puts the title back when it is seen again. Each time
 * something is done it tells the document so: "pictures-done" with {done, failed} as detail.
 */
class DoneNotice extends HTMLElement {
  /** @type {Map<string, boolean>} Each card's name, and whether it was finished when last looked at. */ #finished = new Map();
  /** @type {HTMLElement[]} */ #unseen = [];
  #title = "";

  connectedCallback() {
    for (const type of ["htmx:afterSettle", "visibilitychange"]) document.addEventListener(type, this);
    this.#look();
  }

  disconnectedCallback() {
    for (const type of ["htmx:afterSettle", "visibilitychange"]) document.removeEventListener(type, this);
    this.#putBack();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "visibilitychange") return document.hidden || this.#putBack();
    const cards = this.#look().filter((card) => !card.matches(".is-cancelled"));
    if (!cards.length) return;
    document.dispatchEvent(new CustomEvent("pictures-done", { detail: this.#count(cards) }));
    if (document.hidden) this.#tell(cards);
  }

  /** @returns {HTMLElement[]} The cards that were finished since the last look. */
  #look() {
    const news = [];
    for (const card of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-generation]"))) {
      const { generation = "" } = card.dataset;
      const before = this.#finished.get(generation);
      const finished = before || card.matches(FINISHED);
      this.#finished.set(generation, finished);
      if (finished && before === false) news.push(card);
    }
    return news;
  }

  /** @param {HTMLElement[]} cards */
  #count(cards) {
    const done = cards.filter((card) => card.matches(".is-succeeded")).length;
    return { done, failed: cards.length - done };
  }

  /** @param {HTMLElement[]} cards */
  #tell(cards) {
    if (!this.#unseen.length) this.#title = document.title;
    this.#unseen.push(...cards);
    const { done, failed } = this.#count(this.#unseen);
    const counted = [done && `${done} done`, failed && `${failed} failed`].filter(Boolean).join(", ");
    const words = done + failed > 1 ? counted : failed ? "Failed" : "";
    document.title = words ? `${words} · ${this.#title}` : this.#unseen[0].dataset.said ?? "Done";
  }

  #putBack() {
    if (this.#unseen.length) document.title = this.#title;
    this.#unseen = [];
  }
}

customElements.define("done-notice", DoneNotice);
