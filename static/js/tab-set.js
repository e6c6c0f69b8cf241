// @ts-check

/**
 * Tabs, of which one is shown: buttons of the role tab, each with its panel's id in aria-controls. `keep` names what the choice is
 * remembered by. What a panel loads hears "opened" when it is shown, and asks for nothing while it is not.
 */
class TabSet extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "keydown", "htmx:beforeRequest"]) this.addEventListener(type, this);
    for (const tab of this.#tabs) {
      const panel = this.#panel(tab);
      panel?.setAttribute("role", "tabpanel");
      panel?.setAttribute("aria-labelledby", tab.id);
    }
    const kept = this.#tabs.find((tab) => tab.id === this.#remembered());
    if (kept) this.#choose(kept);
  }

  disconnectedCallback() {
    for (const type of ["click", "keydown", "htmx:beforeRequest"]) this.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.type === "htmx:beforeRequest") return this.#hush(event, target);
    const at = this.#tabs.findIndex((tab) => tab.contains(target));
    if (at < 0) return;
    if (event instanceof KeyboardEvent) this.#step(event, at);
    else this.#choose(this.#tabs[at], true);
  }

  /** @param {Event} event @param {HTMLElement} asking */
  #hush(event, asking) {
    if (asking.matches("form") || !this.#tabs.some((tab) => this.#panel(tab)?.hidden && this.#panel(tab)?.contains(asking))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @param {number} at */
  #step(event, at) {
    const last = this.#tabs.length - 1;
    const steps = new Map([["ArrowLeft", at ? at - 1 : last], ["ArrowRight", at < last ? at + 1 : 0], ["Home", 0], ["End", last]]);
    const to = this.#tabs[steps.get(event.key) ?? -1];
    if (!to || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#choose(to, true);
    to.focus();
  }

  /** @param {HTMLElement} chosen */
  #choose(chosen, remember = false) {
    for (const tab of this.#tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      const panel = this.#panel(tab);
      if (panel) panel.hidden = tab !== chosen;
    }
    for (const part of this.#panel(chosen)?.children ?? []) part.dispatchEvent(new CustomEvent("opened"));
    if (remember) this.#remember(chosen.id);
  }

  #remembered() { try { return localStorage.getItem(this.getAttribute("keep") ?? ""); } catch { return null; } }

  /** @param {string} id */
  #remember(id) { try { if (this.hasAttribute("keep")) localStorage.setItem(this.getAttribute("keep") ?? "", id); } catch { /* Then it lasts as long as the page. */ } }

  /** @param {HTMLElement} tab */
  #panel(tab) { return /** @type {HTMLElement | null} */ (this.querySelector(`[id="${tab.getAttribute("aria-controls")}"]`)); }

  get #tabs() { return /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[role="tab"]')].filter((tab) => tab.closest("tab-set") === this)); }
}

customElements.define("tab-set", TabSet);
