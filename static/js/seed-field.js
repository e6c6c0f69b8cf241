// @ts-check

/**
 * An empty field means a new seed for each picture. The button data-keep="yes" puts the last picture's seed (data-seed on the
 * stage's card) into the field, data-keep="no" empties it; only the one that would change something is shown.
 */
class SeedField extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("input", this);
    document.addEventListener("htmx:afterSettle", this);
    this.#show();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.removeEventListener("input", this);
    document.removeEventListener("htmx:afterSettle", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const input = this.querySelector("input");
    if (event.type === "click" && button?.dataset.keep && input) {
      input.value = button.dataset.keep === "yes" ? this.#last() : "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
      /** @type {HTMLElement | null} */ (this.querySelector("button[data-keep]:not([hidden])"))?.focus();
    }
    this.#show();
  }

  #show() {
    const [last, kept] = [this.#last(), Boolean(this.querySelector("input")?.value)];
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.querySelectorAll("button[data-keep]"))) {
      button.hidden = (button.dataset.keep === "no") !== kept;
      button.disabled = button.dataset.keep === "yes" && !last;
    }
    const used = this.querySelector("[data-used]");
    if (used) used.textContent = last && !kept ? `last used ${last}` : "";
  }

  #last() {
    return document.querySelector(".stage [data-seed]")?.getAttribute("data-seed") ?? "";
  }
}

customElements.define("seed-field", SeedField);
