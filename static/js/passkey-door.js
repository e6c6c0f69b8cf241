// @ts-check

/**
 * Around a form with a hidden field "credential": asks the device for a passkey, or to make one, and sends the form with it.
 * What to ask for stands in `options`, or is fetched from the address in `options-from`.
 */
class PasskeyDoor extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const problem = /** @type {HTMLElement} */ (this.querySelector(".note"));
    problem.hidden = true;
    try {
      const credential = await this.#ask(await this.#options());
      /** @type {HTMLInputElement} */ (form.elements.namedItem("credential")).value = JSON.stringify(credential);
      form.submit();
    } catch {
      problem.hidden = false;
    }
  }

  async #options() {
    const there = this.getAttribute("options-from");
    if (!there) return JSON.parse(this.getAttribute("options") ?? "");
    const response = await fetch(there, { headers: { Accept: "application/json" } });
    return (await response.json()).request_options;
  }

  /** @param {any} options */
  #ask(options) {
    // @ts-expect-error: a script that comes with allauth.
    const { create, get } = window.webauthnJSON;
    if (this.getAttribute("act") === "get") return get(options);
    const selection = { ...options.publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true };
    selection.userVerification = "required";
    return create({ ...options, publicKey: { ...options.publicKey, authenticatorSelection: selection } });
  }
}

customElements.define("passkey-door", PasskeyDoor);
