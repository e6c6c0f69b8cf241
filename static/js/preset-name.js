// @ts-check

/**
 * Around the name of a preset: Enter saves. The field is a text area, because in a line of text Enter would press the form's first
 * button, which makes a picture.
 */
class PresetName extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this);
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this);
  }

  /** @param {KeyboardEvent} event */
  handleEvent(event) {
    if (!(event.target instanceof HTMLTextAreaElement) || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) this.querySelector("button")?.click();
  }
}

customElements.define("preset-name", PresetName);
