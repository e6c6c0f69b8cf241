// @ts-check

const LIT = ["click", "htmx:afterSettle", "light-wanted", "light-left", "htmx:responseError", "htmx:sendError", "htmx:timeout"];

/**
 * Shows the picture large whose address "light-wanted" names, and goes to the neighbours of the link to it (one of `tiles`); after
 * the last one it presses `more`. Says "light-shown" of each; what cannot be loaded is looked for on the picture's own page.
 */
class LightBox extends HTMLElement {
  #address = "";
  #before = 0;

  connectedCallback() {
    for (const type of LIT) document.addEventListener(type, this);
  }

  disconnectedCallback() {
    for (const type of LIT) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "click") this.#press(/** @type {Element} */ (event.target));
    else if (event.type === "htmx:afterSettle") this.#settle(/** @type {Element} */ (event.target));
    else if (event.type === "light-wanted") this.#show(/** @type {CustomEvent} */ (event).detail);
    else if (event.type === "light-left") this.#leave();
    else if (event.target === this) window.location.assign(this.#address);
  }

  /** @param {Element} pressed */
  #press(pressed) {
    const way = this.contains(pressed) && pressed.closest("[data-go]");
    if (way) this.#go(Number(way.getAttribute("data-go")));
  }

  /** @param {string} address */
  #show(address) {
    [this.#address, this.#before] = [address, 0];
    if (!this.#dialog.open) { this.#content.replaceChildren(); this.#dialog.showModal(); this.#dialog.focus(); }
    this.#dialog.dispatchEvent(new CustomEvent("light-shown", { bubbles: true, detail: address }));
    /** @type {any} */ (window).htmx.ajax("GET", new URL("light/", address).href, { source: this, target: this.#content });
  }

  /** @param {number} step */
  #go(step) {
    const next = this.#tiles[this.#at + step];
    if (next) return this.#show(next.href);
    if (step > 0 && this.#more && !this.#before) { this.#before = this.#tiles.length; this.#more.click(); }
  }

  /** @param {Element} changed This picture has come, or more tiles have. */
  #settle(changed) {
    if (!this.#dialog.open) return;
    if (this.#before && this.#tiles.length > this.#before) return this.#go(1);
    if (changed !== this.#content) return;
    for (const part of [this.#dialog, ...changed.children]) part.scrollTo(0, 0);
    this.querySelector("[data-said]")?.replaceChildren(changed.querySelector("h1")?.textContent ?? "");
    for (const way of this.querySelectorAll("[data-go]")) this.#prepare(way, Number(way.getAttribute("data-go")));
  }

  /** @param {Element} way @param {number} step */
  #prepare(way, step) {
    const near = this.#tiles[this.#at + step];
    if (near) new Image().src = new URL("large/", near.href).href;
    way.setAttribute("aria-disabled", String(!near && !(step > 0 && this.#more)));
  }

  #leave() {
    this.#tiles[this.#at]?.focus({ preventScroll: true });
    this.#tiles[this.#at]?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  get #at() { return this.#tiles.findIndex(({ href }) => href === this.#address); }
  get #tiles() { return /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(this.getAttribute("tiles") ?? "")]); }
  get #more() { return /** @type {HTMLElement | null} */ (document.querySelector(this.getAttribute("more") ?? "")); }
  get #content() { return /** @type {HTMLElement} */ (this.querySelector("[data-content]")); }
  get #dialog() { return /** @type {HTMLDialogElement} */ (this.querySelector("dialog")); }
}

customElements.define("light-box", LightBox);
