// @ts-check

/** Around a question that the bar asks before it does something: goes with Escape or its button, back to the one that `asks`. */
class BarQuestion extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    document.addEventListener("keydown", this, true);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    document.removeEventListener("keydown", this, true);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const escapes = event instanceof KeyboardEvent && event.key === "Escape";
    if (!escapes && !(event.type === "click" && /** @type {Element} */ (event.target).closest("[aria-label=Close]"))) return;
    event.preventDefault();
    this.remove();
    /** @type {HTMLElement | null} */ (document.querySelector(`.tool[value="${this.getAttribute("asks")}"]`))?.focus();
  }
}

customElements.define("bar-question", BarQuestion);
