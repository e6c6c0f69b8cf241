// @ts-check

const NEAR = 0.8;

/** Around a text area: Ctrl or Cmd with Enter submits, it grows with its text, and near the limit it counts. */
class PromptField extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this);
    this.addEventListener("input", this);
    this.#show();
    // Swapped in with another text: drafts and code have to hear of it, as soon as the field before it is gone.
    const area = this.querySelector("textarea");
    if (document.readyState === "complete") queueMicrotask(() => area?.dispatchEvent(new Event("input", { bubbles: true })));
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this);
    this.removeEventListener("input", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "input") return this.#show();
    if (!(event instanceof KeyboardEvent) || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat) this.querySelector("textarea")?.form?.requestSubmit();
  }

  #show() {
    const area = this.querySelector("textarea");
    const count = this.querySelector("output");
    if (!area || !count) return;
    const [length, most] = [area.value.length, area.maxLength];
    count.hidden = most < 0 || length < most * NEAR;
    count.classList.toggle("is-full", length >= most);
    count.value = `${length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`;
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
}

customElements.define("prompt-field", PromptField);
