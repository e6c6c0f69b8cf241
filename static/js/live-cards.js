// @ts-check

const TICK_MS = 2000;
const WATCHED = ["visibilitychange", "htmx:afterSettle", "htmx:beforeSwap"];
const IN_USE = ':is(:active, :has(input[type="text"]:is(:focus, :not(:placeholder-shown))))';
const UNFINISHED = '[data-generation][hx-trigger="changed"]';

/**
 * Keeps the unfinished cards of the page fresh: the stream at `src` names what changed, and its card re-reads itself.
 * Open only while something is unfinished and the page is seen, as a browser allows six connections to a server.
 * When the stream is broken, cards are re-read every two seconds, and every ten it is opened again.
 */
class LiveCards extends HTMLElement {
  /** @type {EventSource | null} */ #stream = null;
  /** @type {Set<string>} What changed while its card could not be re-read. */ #missed = new Set();
  #timer = 0;
  #ticks = 0;
  #live = false;

  connectedCallback() {
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
    for (const type of WATCHED) document.addEventListener(type, this);
    this.#tune();
  }

  disconnectedCallback() {
    window.clearInterval(this.#timer);
    for (const type of WATCHED) document.removeEventListener(type, this);
    this.#close();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "htmx:beforeSwap") return this.#keepPressed(/** @type {CustomEvent} */ (event));
    this.#tune();
    this.#reread([...this.#missed]);
  }

  #tick() {
    this.#ticks += 1;
    if (this.#stream?.readyState === EventSource.CLOSED && this.#ticks % 5 === 0) this.#close();
    this.#tune();
    const often = this.#live ? 10 : document.hidden ? 5 : 1;
    this.#reread(this.#ticks % often ? [...this.#missed] : this.#unfinished());
  }

  #tune() {
    if (document.hidden || !this.#unfinished().length) return this.#close();
    if (this.#stream) return;
    this.#stream = new EventSource(this.getAttribute("src") ?? "");
    this.#stream.addEventListener("hello", () => { this.#live = true; this.#reread(this.#unfinished()); });
    this.#stream.addEventListener("generation", (event) => this.#reread([event.data]));
    this.#stream.addEventListener("error", () => { this.#live = false; });
  }

  #close() {
    this.#stream?.close();
    this.#stream = null;
    this.#live = false;
  }

  /** @param {string[]} ids */
  #reread(ids) {
    for (const card of document.querySelectorAll(UNFINISHED)) {
      const id = card.getAttribute("data-generation") ?? "";
      if (!ids.includes(id)) continue;
      // What changes while a card is read, put in, pressed or written into is read again afterwards.
      if (card.matches(`.htmx-request, .htmx-added, .htmx-settling, ${IN_USE}`)) this.#missed.add(id);
      else { this.#missed.delete(id); card.dispatchEvent(new CustomEvent("changed")); }
    }
  }

  /** A card replaced under a pressed button would swallow the click, and under a hand that writes the words. @param {CustomEvent} event */
  #keepPressed({ detail }) {
    if (!detail.requestConfig.elt.matches(`${UNFINISHED}${IN_USE}`)) return;
    detail.shouldSwap = false;
    this.#missed.add(detail.requestConfig.elt.getAttribute("data-generation"));
  }

  #unfinished() { return [...document.querySelectorAll(UNFINISHED)].map((card) => card.getAttribute("data-generation") ?? ""); }
}

customElements.define("live-cards", LiveCards);
