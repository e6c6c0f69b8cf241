// @ts-check

/** Buttons with data-theme "auto", "light" and "dark": shows the theme at once and remembers it. */
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.#mark(document.documentElement.dataset.theme ?? "auto");
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const theme = button?.dataset.theme;
    if (!theme) return;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    this.#mark(theme);
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }

  /** @param {string} theme */
  #mark(theme) {
    for (const button of this.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
