// @ts-check

const WRITTEN = "textarea, select, [contenteditable]";

/**
 * Around buttons and links: a key presses the one whose `data-key` it is, wherever the focus is, but never while something is
 * written or chosen. What stands in a closed dialog hears nothing.
 */
class PressKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat && !event.key.startsWith("Arrow")) return;
    if (!this.#isHeard(event)) return;
    const pressed = this.#targets.find(({ dataset }) => dataset.key?.toLowerCase() === event.key.toLowerCase());
    if (!pressed) return;
    event.preventDefault();
    pressed.click();
  }

  /** @param {KeyboardEvent} event */
  #isHeard({ target, key }) {
    const dialog = document.querySelector("dialog:modal");
    if (dialog ? !(dialog.contains(this) || this.contains(dialog)) : this.closest("dialog")) return false;
    if (!(target instanceof Element)) return true;
    return !target.closest(key.startsWith("Arrow") ? `input, ${WRITTEN}` : `input:not([type="range"]), ${WRITTEN}`);
  }

  get #targets() {
    const found = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-key]:not(:disabled)"));
    return [...found];
  }
}

customElements.define("press-keys", PressKeys);
