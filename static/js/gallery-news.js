// @ts-check

const GATHER_MS = 800;

/**
 * Says when the team's gallery has changed since it was shown: the stream at `src` tells that something did, and what it was is
 * asked for a moment later, once for all that came together. Open only while the page is seen.
 */
class GalleryNews extends HTMLElement {
  /** @type {EventSource | null} */ #stream = null;
  #timer = 0;

  connectedCallback() {
    document.addEventListener("visibilitychange", this);
    this.#tune();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    this.#close();
  }

  handleEvent() { this.#tune(); }

  #tune() {
    if (document.hidden) return this.#close();
    if (this.#stream && this.#stream.readyState !== EventSource.CLOSED) return;
    this.#stream = new EventSource(this.getAttribute("src") ?? "");
    for (const type of ["hello", "generation"]) this.#stream.addEventListener(type, () => this.#ask());
  }

  #ask() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.dispatchEvent(new CustomEvent("news")), GATHER_MS);
  }

  #close() {
    window.clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
  }
}

customElements.define("gallery-news", GalleryNews);
