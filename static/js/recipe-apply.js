// @ts-check

/**
 * A press of any [data-recipe] (settings as JSON, by the names of the form's fields) fills the form `for` in place, says so in
 * [data-words], and offers to undo it with the button [data-swap]; pressed again, that button does it anew.
 */
class RecipeApply extends HTMLElement {
  /** @type {Record<string, string>} What the button brings back. */ #other = {};

  connectedCallback() {
    for (const type of ["click", "submit"]) document.addEventListener(type, this);
  }

  disconnectedCallback() {
    for (const type of ["click", "submit"]) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const pressed = /** @type {Element} */ (event.target);
    if (event.type === "submit") return pressed === this.#form && this.#say("");
    if (this.contains(pressed)) return pressed.closest("[data-swap]") ? this.#swap() : pressed.closest("button") && this.#close();
    const { ctrlKey, metaKey, shiftKey, altKey } = /** @type {MouseEvent} */ (event);
    const source = /** @type {HTMLElement | null} */ (pressed.closest("[data-recipe]"));
    if (!source || !this.#form || event.defaultPrevented || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (source.closest("[popover]"))?.hidePopover();
    this.#other = this.#settings();
    const refused = this.#fill(JSON.parse(source.dataset.recipe ?? "{}"));
    this.#say(["Settings applied.", ...refused.map((what) => `${what} could not be chosen here.`)].join(" "), "Undo");
    this.#show();
  }

  #swap() {
    const now = this.#settings();
    const undone = this.querySelector("[data-swap]")?.textContent === "Undo";
    this.#fill(this.#other);
    this.#other = now;
    this.#say(undone ? "Put back as it was." : "Settings applied.", undone ? "Apply again" : "Undo");
  }

  #close() { this.#say(""); this.#field("prompt")?.focus(); }
  #show() { this.#field("prompt")?.focus({ preventScroll: true }); this.#form?.scrollIntoView({ block: "start" }); }

  /** @param {Record<string, unknown>} settings @returns {string[]} The names of what could not be chosen. */
  #fill(settings) {
    const refused = [];
    const filled = [];
    for (const [name, setting] of Object.entries(settings)) {
      const value = String(setting ?? "");
      const field = this.#field(name, value);
      if (field?.type !== "radio") field && (field.value = value);
      else if (field.value === value && !field.disabled) field.checked = true;
      else refused.push((field.value === value && field.dataset.title) || `${field.closest("fieldset")?.querySelector("legend")?.textContent?.trim()} “${value}”`);
      if (field) filled.push(field);
    }
    for (const field of filled) field.dispatchEvent(new Event("input", { bubbles: true }));
    return refused;
  }

  /** @param {string} name @param {string} [value] @returns {HTMLInputElement | undefined} Of radio buttons the one with that value. */
  #field(name, value) {
    const named = this.#fields.filter((field) => field.name === name);
    return named.find((field) => field.type === "radio" && field.value === value) ?? named[0];
  }

  #settings() { return Object.fromEntries(this.#fields.filter(({ type, checked }) => type !== "radio" || checked).map(({ name, value }) => [name, value])); }

  /** @param {string} words @param {string} [button] Without it the note goes away. */
  #say(words, button = "") {
    /** @type {HTMLElement} */ (this.querySelector("[data-words]")).textContent = words;
    for (const part of this.querySelectorAll("button")) part.hidden = !button;
    /** @type {HTMLElement} */ (this.querySelector("[data-swap]")).textContent = button;
  }

  get #fields() { return /** @type {HTMLInputElement[]} */ ([...(this.#form?.querySelectorAll('[name]:is(textarea, select, input):not([type="hidden"], [type="file"])') ?? [])]); }
  get #form() { return document.getElementById(this.getAttribute("for") ?? ""); }
}

customElements.define("recipe-apply", RecipeApply);
