// @ts-check

const SENDING = ["submit", "htmx:xhr:progress", "htmx:afterRequest"];

/**
 * In a form that htmx sends files with: says how much of them is sent, then that the server is at work on them, and keeps the
 * button from being pressed twice meanwhile.
 */
class UploadProgress extends HTMLElement {
  #form = this.closest("form");
  #isSent = false;

  connectedCallback() {
    for (const type of SENDING) this.#form?.addEventListener(type, this);
    window.addEventListener("pageshow", this);
  }

  disconnectedCallback() {
    for (const type of SENDING) this.#form?.removeEventListener(type, this);
    window.removeEventListener("pageshow", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "htmx:xhr:progress") this.#tell(/** @type {CustomEvent} */ (event).detail);
    else this.#turn(event.type === "submit");
  }

  /** @param {{ lengthComputable: boolean, loaded: number, total: number }} progress Of what is sent; afterwards of the answer. */
  #tell({ lengthComputable, loaded, total }) {
    if (this.#isSent || !lengthComputable) return;
    this.#isSent = loaded === total;
    this.#show(this.#isSent ? "sent" : "sending", loaded / total);
  }

  /** @param {boolean} busy */
  #turn(busy) {
    this.#isSent = false;
    this.hidden = !busy;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.#form?.querySelectorAll("[data-busy], [data-idle]"))) {
      part.hidden = busy !== part.hasAttribute("data-busy");
    }
    const button = this.#form?.querySelector("button");
    if (button) button.disabled = busy;
    this.#show("sending", 0);
  }

  /** @param {"sending" | "sent"} phase @param {number} part From 0 to 1. */
  #show(phase, part) {
    const bar = this.querySelector("progress");
    if (phase === "sent") bar?.removeAttribute("value");
    else bar?.setAttribute("value", String(part));
    const words = this.querySelector("[role=status]");
    const said = this.hidden ? "" : this.getAttribute(phase);
    if (words && words.textContent !== said) words.textContent = said;
    const percent = this.querySelector("[data-percent]");
    if (percent) percent.textContent = phase === "sent" ? "" : `${Math.floor(part * 100)} %`;
  }
}

customElements.define("upload-progress", UploadProgress);
