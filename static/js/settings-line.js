// @ts-check

/** Sums up in one line the settings behind it: the fields named in `of`, each with its words in data-<name>, "%" for the value. */
class SettingsLine extends HTMLElement {
  /** @type {HTMLFormElement | null} */ #form = null;

  connectedCallback() {
    this.#form = this.closest("form");
    this.#form?.addEventListener("input", this);
    this.handleEvent();
  }

  disconnectedCallback() {
    this.#form?.removeEventListener("input", this);
  }

  handleEvent() {
    if (!this.#form) return;
    const filled = new FormData(this.#form);
    const parts = (this.getAttribute("of") ?? "").split(" ").map((name) => {
      const value = String(filled.get(name) ?? "");
      return value && (this.getAttribute(`data-${name}`) ?? "%").replace("%", value.toUpperCase());
    });
    this.textContent = parts.filter(Boolean).join(" · ");
  }
}

customElements.define("settings-line", SettingsLine);
