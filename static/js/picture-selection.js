// @ts-check

const PICKING = ["click", "pageshow", "change", "keydown", "pictures", "htmx:afterSettle"];
const OPEN = "dialog[open], :popover-open";

/** Around the bar for many pictures: shift selects a range, ctrl or cmd toggles a tile, Escape clears; hides tiles that are gone. */
class PictureSelection extends HTMLElement {
  /** @type {HTMLInputElement | undefined} */ #last;
  #count = -1;

  connectedCallback() {
    for (const type of PICKING) window.addEventListener(type, this, type === "click");
    this.#show();
  }

  disconnectedCallback() {
    for (const type of PICKING) window.removeEventListener(type, this, type === "click");
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "click") this.#click(/** @type {MouseEvent} */ (event));
    else if (event.type === "pictures") this.#move(/** @type {CustomEvent} */ (event).detail);
    else if (event instanceof KeyboardEvent && event.key === "Escape" && !event.defaultPrevented && !document.querySelector(OPEN)) this.#clear();
    this.#show();
  }

  get #boxes() {
    const all = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".pick-box"));
    return [...all].filter((box) => !box.closest("[hidden]"));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const which = target.closest("[data-select]")?.getAttribute("data-select");
    if (which === "none") this.#clear();
    if (which === "all") for (const box of this.#boxes) box.checked = true;
    const box = /** @type {HTMLInputElement | null | undefined} */ (target.closest(".picture")?.querySelector(".pick-box"));
    const toggles = target.closest(".picture-link") && (event.ctrlKey || event.metaKey || event.shiftKey);
    if (!box || !(target === box || toggles)) return;
    if (toggles) {
      event.preventDefault();
      event.stopPropagation();
      box.checked = event.shiftKey || !box.checked;
    }
    if (event.shiftKey && this.#last) for (const each of this.#between(this.#last, box)) each.checked = box.checked;
    this.#last = box;
  }

  /** @param {HTMLInputElement} one @param {HTMLInputElement} other */
  #between(one, other) {
    const [from, to] = [this.#boxes.indexOf(one), this.#boxes.indexOf(other)].sort((a, b) => a - b);
    return this.#boxes.slice(Math.max(from, 0), to + 1);
  }

  /** @param {{ gone: string[], back: string[] }} ids */
  #move({ gone, back }) {
    this.#clear();
    for (const id of [...gone, ...back]) document.querySelector(`.picture[data-generation="${id}"]`)?.toggleAttribute("hidden", gone.includes(id));
  }

  #clear() {
    if (this.querySelector(".tools:focus-within")) (this.#last ?? this.#boxes[0])?.focus();
    for (const box of this.#boxes) box.checked = false;
  }

  #show() {
    const ids = this.#boxes.filter((box) => box.checked).flatMap((box) => box.value.split(",")); // A stack's box has several.
    const count = ids.length;
    if (count === this.#count) return;
    this.#count = count;
    this.toggleAttribute("data-some", count > 0);
    for (const place of this.querySelectorAll("[data-count]")) place.textContent = count ? `${count} selected` : "";
    this.querySelector("bar-question")?.remove(); // It was about the selection as it was.
  }
}

customElements.define("picture-selection", PictureSelection);
