// @ts-check

/**
 * Around the field that names the picture whose settings the form holds: forgets it when the form's `prompt` is emptied, as what is
 * written then is something new.
 */
class ParentField extends HTMLElement {
  connectedCallback() {
    document.addEventListener("input", this);
  }

  disconnectedCallback() {
    document.removeEventListener("input", this);
  }

  /** @param {Event} event */
  handleEvent({ target }) {
    const own = this.querySelector("input");
    if (!own || !(target instanceof HTMLTextAreaElement) || target.form !== own.form || target.name !== "prompt") return;
    if (own.value && !target.value.trim()) own.value = "";
  }
}

customElements.define("parent-field", ParentField);
