// @ts-check

const FAST_MS = 700;

/**
 * Around a form that htmx sends: takes presses that follow each other fast for one, marks its button busy meanwhile, opens folded
 * settings that hold a mistake and goes to the first one, and brings what it `shows` (a selector) into view afterwards.
 */
class SubmitOnce extends HTMLElement {
  #pressedAt = -FAST_MS;

  connectedCallback() {
    for (const type of ["htmx:beforeRequest", "htmx:afterRequest"]) this.addEventListener(type, this);
    const mistake = /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid="true"]'));
    const folded = mistake?.closest("details");
    if (folded) folded.open = true;
    mistake?.focus();
  }

  disconnectedCallback() {
    for (const type of ["htmx:beforeRequest", "htmx:afterRequest"]) this.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event.target instanceof HTMLFormElement)) return;
    const busy = event.type === "htmx:beforeRequest";
    if (busy && this.#isRepeated(event)) return event.preventDefault();
    event.target.querySelector(".generate-button")?.setAttribute("aria-busy", String(busy));
    if (busy || !(/** @type {CustomEvent} */ (event).detail.successful)) return;
    this.#forgetMistakes();
    this.#bringIntoView();
  }

  #forgetMistakes() {
    for (const sentence of this.querySelectorAll(".field-error")) sentence.remove();
    for (const field of this.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  /** @param {Event} event */
  #isRepeated({ timeStamp }) {
    const sinceLast = timeStamp - this.#pressedAt;
    this.#pressedAt = timeStamp;
    return sinceLast < FAST_MS;
  }

  #bringIntoView() {
    const result = document.querySelector(this.getAttribute("shows") ?? "");
    const top = result?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > window.innerHeight / 2) result?.scrollIntoView();
  }
}

customElements.define("submit-once", SubmitOnce);
