// @ts-check

const SHOWN_MS = 2000;

/** Around a button: copies the text of the element whose id stands in `of`; where copying is forbidden, it selects the text. */
class CopyButton extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    window.clearTimeout(this.#timer);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    const source = document.getElementById(this.getAttribute("of") ?? "");
    if (!source || !(event.target instanceof Element && event.target.closest("button"))) return;
    const copied = await this.#copy(source);
    this.#say(copied ? "Copied" : "The text is selected. Press Ctrl C, or ⌘ C on a Mac.", copied);
  }

  /** @param {HTMLElement} source */
  async #copy(source) {
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      return true;
    } catch {
      // Addresses without https have no clipboard.
      getSelection()?.selectAllChildren(source);
      return document.execCommand("copy");
    }
  }

  /** @param {string} words @param {boolean} copied */
  #say(words, copied) {
    window.clearTimeout(this.#timer);
    this.#show(words, copied);
    if (copied) this.#timer = window.setTimeout(() => this.#show("", false), SHOWN_MS);
  }

  /** @param {string} words @param {boolean} copied */
  #show(words, copied) {
    const status = this.querySelector('[role="status"]');
    if (status) status.textContent = words;
    status?.classList.toggle("visually-hidden", copied);
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-idle], [data-done]"))) {
      part.hidden = part.hasAttribute("data-done") !== copied;
    }
  }
}

customElements.define("copy-button", CopyButton);
