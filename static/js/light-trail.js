// @ts-check

/**
 * Around a dialog that shows one picture after the other: the address follows what "light-shown" names, as one step of the history.
 * Back closes the dialog, closing goes back, and Forward asks for the picture again with "light-wanted". Once the page is itself
 * again, "light-left" says so.
 */
class LightTrail extends HTMLElement {
  #leaving = false;

  connectedCallback() {
    this.addEventListener("light-shown", this);
    this.addEventListener("close", this, true);
    // Before htmx, which would fetch the whole page anew.
    window.addEventListener("popstate", this, true);
  }

  disconnectedCallback() {
    this.removeEventListener("light-shown", this);
    this.removeEventListener("close", this, true);
    window.removeEventListener("popstate", this, true);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "light-shown") this.#follow(/** @type {CustomEvent} */ (event).detail);
    else if (event instanceof PopStateEvent) this.#travel(event);
    else if (event.target === this.#dialog) this.#leave();
  }

  /** @param {string} address */
  #follow(address) {
    const shown = window.history.state?.light;
    if (shown !== address) window.history[shown ? "replaceState" : "pushState"]({ light: address }, "", address);
  }

  #leave() {
    this.#leaving = Boolean(window.history.state?.light);
    if (this.#leaving) window.history.back();
    else this.#say("light-left");
  }

  /** @param {PopStateEvent} event */
  #travel(event) {
    const address = event.state?.light;
    if (!address && !this.#leaving && !this.#dialog.open) return;
    event.stopImmediatePropagation();
    if (address) return this.#say("light-wanted", address);
    if (this.#dialog.open) return this.#dialog.close();
    this.#leaving = false;
    // Once the browser has put the page where it was.
    window.setTimeout(() => this.#say("light-left"));
  }

  /** @param {string} type @param {string} [detail] */
  #say(type, detail) { this.dispatchEvent(new CustomEvent(type, { bubbles: true, detail })); }

  get #dialog() { return /** @type {HTMLDialogElement} */ (this.querySelector("dialog")); }
}

customElements.define("light-trail", LightTrail);
