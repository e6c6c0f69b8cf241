// @ts-check

/**
 * Settings that wait for a press. Each [data-row] holds values for fields of the form `for`: it shows what they are now in
 * [data-now] and hides while they are the same. A press on [data-recipe] or [data-dismiss] ends the offer.
 */
class SettingsOffer extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    document.addEventListener("input", this);
    this.#show();
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    document.removeEventListener("input", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "input") return this.#show();
    const pressed = event.target instanceof Element ? event.target.closest("[data-recipe], [data-dismiss]") : null;
    if (!pressed || (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey))) return;
    if (pressed.matches("[data-dismiss]")) event.preventDefault();
    if (pressed.matches("[data-removes-picture]")) this.dispatchEvent(new CustomEvent("picture-not-needed", { bubbles: true }));
    // After the press has been dealt with: the settings are read from the pressed link. A reload must not offer them anew.
    queueMicrotask(() => this.#end());
  }

  #end() {
    if (window.location.search) window.history.replaceState(null, "", window.location.pathname);
    this.remove();
  }

  #show() {
    const rows = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-row]"));
    let differing = 0;
    for (const row of rows) {
      const wanted = Object.entries(JSON.parse(row.dataset.row ?? "{}"));
      const held = wanted.map(([name]) => this.#held(name));
      row.hidden = wanted.every(([, value], at) => held[at].value === String(value));
      differing += row.hidden ? 0 : 1;
      const now = row.querySelector("[data-now]");
      if (now) now.textContent = held.map(({ words }) => words).join(" × ") || (wanted[0]?.[0] === "seed" ? "new each time" : "empty");
    }
    const same = /** @type {HTMLElement | null} */ (this.querySelector("[data-same]"));
    if (same) same.hidden = differing > 0;
  }

  /** @param {string} name */
  #held(name) {
    const form = /** @type {HTMLFormElement | null} */ (document.getElementById(this.getAttribute("for") ?? ""));
    const value = String(new FormData(form ?? undefined).get(name) ?? "");
    const chosen = form?.querySelector(`[name="${name}"]:checked`)?.closest("label");
    return { value, words: (chosen?.querySelector("[class$=title]") ?? chosen)?.textContent?.trim() ?? value };
  }
}

customElements.define("settings-offer", SettingsOffer);
