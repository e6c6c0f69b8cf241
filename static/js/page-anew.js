// @ts-check

/** Loads the page again when Back leads to another address of the same document: a lightbox put this one's into the history. */
class PageAnew extends HTMLElement {
  #path = window.location.pathname;

  connectedCallback() {
    window.addEventListener("popstate", this);
  }

  disconnectedCallback() {
    window.removeEventListener("popstate", this);
  }

  handleEvent() {
    if (window.location.pathname !== this.#path) window.location.reload();
  }
}

customElements.define("page-anew", PageAnew);
