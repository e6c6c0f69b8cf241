// @ts-check

/**
 * The additions under a prompt: each box takes its piece out of the text area and puts it back, beside the marked copy behind it. It
 * leaves as soon as the text is edited by hand.
 */
class PromptReview extends HTMLElement {
  #whole = "";

  connectedCallback() {
    this.#whole = this.#area?.value ?? "";
    this.addEventListener("change", this);
    this.#field?.addEventListener("input", this);
    // A scroll does not bubble.
    this.#area?.addEventListener("scroll", this);
    this.#write();
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
    this.#field?.removeEventListener("input", this);
    this.#area?.removeEventListener("scroll", this);
  }

  /** @param {Event} event */
  handleEvent({ type, target }) {
    if (type === "scroll") return this.#follow();
    if (type === "change") return this.#write();
    if (target === this.#area && this.#area?.value !== this.#text) this.#end();
  }

  #write() {
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll('[name="kept"]'))) {
      const mark = /** @type {HTMLElement | null | undefined} */ (this.#marks?.querySelector(`[data-addition="${box.value}"]`));
      if (mark) mark.hidden = !box.checked;
    }
    if (!this.#marks || !this.#area || this.#area.value === this.#text) return this.#follow();
    this.#area.value = this.#text;
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
    this.#follow();
  }

  #follow() {
    if (this.#marks && this.#area) this.#marks.scrollTop = this.#area.scrollTop;
  }

  #end() {
    this.#marks?.remove();
    this.remove();
  }

  /** What the text area should hold: the pieces that are on, or all of a text that was written anew. */
  get #text() {
    if (!this.#marks) return this.#whole;
    const parts = /** @type {HTMLElement[]} */ ([...this.#marks.children]);
    return parts.filter((part) => !part.hidden).map((part) => part.textContent).join("");
  }

  get #field() { return this.closest("prompt-field"); }
  get #area() { return this.#field?.querySelector("textarea") ?? null; }
  get #marks() { return this.#field?.querySelector(".prompt-marks") ?? null; }
}

customElements.define("prompt-review", PromptReview);
