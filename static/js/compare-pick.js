// @ts-check

/**
 * Two pictures are chosen one after the other: a press of [data-compare] keeps the first and shows [data-picked], a press for
 * another picture leads to both at the address `href`. Pressed twice for the same, the link leads on to where it says.
 */
class ComparePick extends HTMLElement {
  #first = "";

  connectedCallback() {
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    const link = event.target instanceof Element ? event.target.closest("[data-compare]") : null;
    const picked = link?.getAttribute("data-compare") ?? "";
    if (!picked || ctrlKey || metaKey || shiftKey || picked === this.#first) return;
    event.preventDefault();
    if (this.#first) return window.location.assign(`${this.getAttribute("href")}?a=${this.#first}&b=${picked}`);
    this.#first = picked;
    const note = /** @type {HTMLElement | null} */ (this.querySelector("[data-picked]"));
    if (note) note.hidden = false;
  }
}

customElements.define("compare-pick", ComparePick);
