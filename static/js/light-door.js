// @ts-check

/** A plain click on a link that matches `tiles` asks for its picture with "light-wanted"; any other click is the browser's. */
class LightDoor extends HTMLElement {
  connectedCallback() {
    document.addEventListener("click", this);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event instanceof MouseEvent && event.target instanceof Element) || event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const tile = /** @type {HTMLAnchorElement | null} */ (event.target.closest(this.getAttribute("tiles") ?? ""));
    if (!tile) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("light-wanted", { bubbles: true, detail: tile.href }));
  }
}

customElements.define("light-door", LightDoor);
