// @ts-check

const PASSES_MS = 10_000;

/** A sentence that goes by itself after ten seconds, or when it is closed; not while the pointer or the focus is on it. */
class PassingNote extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    for (const type of ["click", "pointerleave", "focusout", "keydown"]) this.addEventListener(type, this);
    this.#wait();
  }

  disconnectedCallback() {
    for (const type of ["click", "pointerleave", "focusout", "keydown"]) this.removeEventListener(type, this);
    window.clearTimeout(this.#timer);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const closes = event.type === "click" && /** @type {Element} */ (event.target).closest("[aria-label]");
    const escapes = event instanceof KeyboardEvent && event.key === "Escape";
    if (closes || escapes) this.#close();
    else this.#wait();
  }

  #wait() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.matches(":hover, :focus-within") ? this.#wait() : this.#close()), PASSES_MS);
  }

  #close() {
    const had = this.matches(":focus-within");
    this.remove();
    const next = [...document.querySelectorAll(".picture-link")].find((each) => each.checkVisibility());
    if (had) /** @type {HTMLElement | undefined} */ (next ?? document.getElementById("content") ?? undefined)?.focus();
  }
}

customElements.define("passing-note", PassingNote);
