// @ts-check

/**
 * Around two pictures: [data-mode] lays them over each other, with a range that says how much of the first one is seen, or beside
 * each other; [data-other-mode] changes between the two. The last choice is kept in this browser under the name `keep`.
 */
class CompareSlider extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "input"]) this.addEventListener(type, this);
    if (this.#range) this.#choose(this.#kept() === "beside" ? "beside" : "slider");
    this.#move();
  }

  disconnectedCallback() {
    for (const type of ["click", "input"]) this.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent({ type, target }) {
    if (type === "input") return this.#move();
    const pressed = target instanceof Element ? target.closest("[data-mode], [data-other-mode]") : null;
    if (!pressed) return;
    const mode = pressed.getAttribute("data-mode") ?? (this.classList.contains("is-slider") ? "beside" : "slider");
    this.#choose(mode);
    this.#keep(mode);
  }

  /** @param {string} mode */
  #choose(mode) {
    this.classList.toggle("is-slider", mode === "slider");
    for (const button of this.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-mode") === mode));
    }
  }

  #move() {
    if (this.#range) this.style.setProperty("--at", `${this.#range.value}%`);
  }

  // Storage may be forbidden: then the choice lasts as long as the page.
  /** @param {string} mode */
  #keep(mode) {
    try { localStorage.setItem(this.getAttribute("keep") ?? "", mode); } catch { return; }
  }

  #kept() {
    try { return localStorage.getItem(this.getAttribute("keep") ?? ""); } catch { return null; }
  }

  get #range() { return /** @type {HTMLInputElement | null} */ (this.querySelector('input[type="range"]')); }
}

customElements.define("compare-slider", CompareSlider);
