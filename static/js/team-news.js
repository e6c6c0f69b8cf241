// @ts-check

const GATHER_MS = 800;
const ABOUT_TO_BE_PRESSED = ":is(a, button):is(:hover, :active, :focus-visible)";

/**
 * Says when something of the team's has changed since it was shown: the stream at `src` tells what `hears` names, and what has
 * become of it is asked for a moment later, once for all that came together, and never under a pointer that is about to press.
 * All on a page share one stream, which is open only while the page is seen.
 */
class TeamNews extends HTMLElement {
  /** @type {Set<TeamNews>} */ static #all = new Set();
  /** @type {EventSource | null} */ static #stream = null;
  #timer = 0;

  connectedCallback() {
    TeamNews.#all.add(this);
    document.addEventListener("visibilitychange", TeamNews.#tune);
    this.addEventListener("htmx:beforeSwap", this);
    TeamNews.#tune();
  }

  disconnectedCallback() {
    TeamNews.#all.delete(this);
    window.clearTimeout(this.#timer);
    this.removeEventListener("htmx:beforeSwap", this);
    if (!TeamNews.#all.size) document.removeEventListener("visibilitychange", TeamNews.#tune);
    TeamNews.#tune();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!this.querySelector(ABOUT_TO_BE_PRESSED)) return;
    /** @type {CustomEvent} */ (event).detail.shouldSwap = false;
    this.#ask();
  }

  static #tune = () => {
    const [first] = TeamNews.#all;
    if (document.hidden || !first) {
      TeamNews.#stream?.close();
      TeamNews.#stream = null;
    } else if (!TeamNews.#stream || TeamNews.#stream.readyState === EventSource.CLOSED) {
      TeamNews.#stream = new EventSource(first.getAttribute("src") ?? "");
      for (const type of ["hello", "generation", "wishes"]) TeamNews.#stream.addEventListener(type, () => TeamNews.#tell(type));
    }
  };

  /** @param {string} type */
  static #tell(type) {
    for (const each of TeamNews.#all) if (["hello", each.getAttribute("hears")].includes(type)) each.#ask();
  }

  #ask() {
    window.clearTimeout(this.#timer);
    const waits = () => (this.querySelector(ABOUT_TO_BE_PRESSED) ? this.#ask() : this.dispatchEvent(new CustomEvent("news")));
    this.#timer = window.setTimeout(waits, GATHER_MS);
  }
}

customElements.define("team-news", TeamNews);
