// @ts-check

/** @type {Map<string, Element>} The picture last shown under each name. */
const shown = new Map();

/** Shows the picture it had before under the same `name` until the new one is decoded, so that a re-read card never flashes. */
class SteadyPicture extends HTMLElement {
  connectedCallback() {
    const name = this.getAttribute("name") ?? "";
    const next = this.querySelector("img");
    const last = shown.get(name);
    if (!next || last === next) return;
    shown.set(name, next);
    if (!(last instanceof HTMLImageElement) || !last.naturalWidth || last.getAttribute("src") === next.getAttribute("src")) return;
    next.loading = "eager"; // A lazy picture outside the page is never decoded.
    next.replaceWith(last);
    const replace = () => last.parentNode === this && last.replaceWith(next);
    next.decode().then(replace, replace);
  }
}

customElements.define("steady-picture", SteadyPicture);
