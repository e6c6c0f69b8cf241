// @ts-check

/**
 * Keeps what is written in the form `for` in this browser, under the name `key`, and puts it back into a form that the server showed
 * untouched. A form with mistakes (`bound`) and one that a link filled (`prefilled`) stay as they are; beside the latter the button
 * inside brings back what was written before.
 */
class DraftKeeper extends HTMLElement {
  /** @type {Record<string, string>} */ #before = {};

  connectedCallback() {
    document.addEventListener("input", this);
    this.addEventListener("click", this);
    this.#before = this.#kept();
    if (this.hasAttribute("bound")) return;
    if (this.hasAttribute("prefilled")) this.hidden = !this.#isWorthOffering();
    else this.#fill();
  }

  disconnectedCallback() {
    document.removeEventListener("input", this);
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent({ type, target }) {
    const field = /** @type {HTMLInputElement} */ (target);
    if (type === "input") return field.form?.id === this.getAttribute("for") && this.#keep();
    if (!field.closest("button")) return;
    this.#fill();
    this.hidden = true;
    /** @type {HTMLElement | undefined} */ (this.#fields().find(({ name }) => name === "prompt"))?.focus();
  }

  #fill() {
    const changed = this.#fields().filter((field) => field.name in this.#before && this.#set(field, this.#before[field.name]));
    for (const field of changed) field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {HTMLInputElement} field @param {string} value @returns {boolean} Whether it is another value than before. */
  #set(field, value) {
    if (!["radio", "checkbox"].includes(field.type)) return field.value !== value && ((field.value = value), true);
    const checked = field.value === value;
    if (field.disabled || field.checked === checked || (field.type === "radio" && !checked)) return false;
    field.checked = checked;
    return true;
  }

  #isWorthOffering() {
    const now = this.#written();
    return Boolean(this.#before.prompt?.trim()) && Object.keys(now).some((name) => name in this.#before && now[name] !== this.#before[name]);
  }

  /** @returns {Record<string, string>} The form's values by name; "" for a box that is not ticked. */
  #written() {
    const chosen = this.#fields().filter(({ type, checked }) => type !== "radio" || checked);
    return Object.fromEntries(chosen.map(({ name, type, checked, value }) => [name, type === "checkbox" && !checked ? "" : value]));
  }

  // Storage may be forbidden or full: then nothing is kept, and the form works as without this.
  #keep() {
    try { localStorage.setItem(this.getAttribute("key") ?? "", JSON.stringify(this.#written())); } catch { return; }
  }

  /** @returns {Record<string, string>} */
  #kept() {
    try { return Object(JSON.parse(localStorage.getItem(this.getAttribute("key") ?? "") ?? "")); } catch { return {}; }
  }

  /** @returns {HTMLInputElement[]} What a person fills in; hidden fields (tokens, keys) and files cannot be kept. */
  #fields() {
    const form = document.getElementById(this.getAttribute("for") ?? "");
    return [...(form?.querySelectorAll('[name]:is(textarea, select, input):not([type="hidden"], [type="file"])') ?? [])].map((field) => /** @type {HTMLInputElement} */ (field));
  }
}

customElements.define("draft-keeper", DraftKeeper);
