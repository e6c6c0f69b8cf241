// @ts-check

/**
 * Around a text area: Alt with ArrowUp walks through the earlier prompts that `src` lists, newest first, and Alt with ArrowDown back,
 * at last to what was being written. The list is asked for at the first press; what this page sends is put in front of it.
 */
class PromptHistory extends HTMLElement {
  /** @type {Promise<string[]> | null} */ #list = null;
  /** @type {string[]} What was being written, then the earlier prompts; empty while nobody walks. */ #walk = [];
  #at = 0;
  #writes = false;

  connectedCallback() {
    for (const type of ["keydown", "input"]) this.addEventListener(type, this);
    document.addEventListener("submit", this);
  }

  disconnectedCallback() {
    for (const type of ["keydown", "input"]) this.removeEventListener(type, this);
    document.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "submit") return event.target === this.#area.form && this.#add(this.#area.value);
    if (event.type === "input") return this.#writes || this.#stop();
    if (!(event instanceof KeyboardEvent) || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if (event.key === "ArrowUp") this.#start().then(() => this.#go(1), () => this.#say("They could not be read. Try again."));
    else if (this.#walk.length) this.#go(-1);
  }

  async #start() {
    if (this.#walk.length) return;
    this.#list ??= this.#fetch();
    const list = await this.#list.catch((problem) => { this.#list = null; throw problem; });
    const written = this.#area.value;
    // Another press may have waited for the same answer.
    if (!this.#walk.length) this.#walk = [written, ...list.filter((prompt) => prompt !== written)];
  }

  /** @param {number} step */
  #go(step) {
    const last = this.#walk.length - 1;
    this.#at = Math.min(Math.max(this.#at + step, 0), last);
    this.#say(last ? (this.#at ? `${this.#at} of ${last}` : "") : "There are none yet.");
    if (this.#area.value === this.#walk[this.#at]) return;
    this.#area.value = this.#walk[this.#at];
    this.#writes = true;
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
    this.#writes = false;
  }

  #stop() {
    [this.#walk, this.#at] = [[], 0];
    this.#say("");
  }

  /** @param {string} prompt */
  #add(prompt) {
    this.#stop();
    this.#list = this.#list?.then((list) => [prompt, ...list.filter((other) => other !== prompt)]) ?? null;
  }

  async #fetch() { return (await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } })).json(); }

  /** @param {string} words */
  #say(words) { /** @type {Element} */ (this.querySelector("[data-place]")).textContent = words; }

  get #area() { return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea")); }
}

customElements.define("prompt-history", PromptHistory);
