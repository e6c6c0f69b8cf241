// @ts-check

/**
 * Says when a press of a button found no answer: its own sentence, or the attribute for the answer's status (say-403). Of 409 the
 * answer's own words and buttons stand here by then: they stay until something is pressed, and not until the page asks for news.
 * Over a dialog it is inside of that, as nothing outside can be pressed.
 */
class ProblemNote extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    for (const type of ["htmx:sendError", "htmx:timeout", "htmx:responseError", "htmx:beforeRequest"]) document.addEventListener(type, this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    for (const type of ["htmx:sendError", "htmx:timeout", "htmx:responseError", "htmx:beforeRequest"]) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const box = /** @type {HTMLElement | null} */ (this.querySelector("[data-box]"));
    const sentence = this.querySelector("[data-sentence]");
    if (!box || !sentence) return;
    const { detail } = /** @type {CustomEvent} */ (event);
    if (event.type === "click") box.hidden = box.hidden || !(/** @type {Element} */ (event.target).closest("button"));
    else if (detail.requestConfig?.triggeringEvent?.type === "changed") return;
    else if (event.type === "htmx:beforeRequest") box.hidden ||= !sentence.childElementCount || detail.requestConfig?.triggeringEvent?.isTrusted === true;
    else {
      const place = document.querySelector("dialog:modal") ?? document.body;
      if (this.parentElement !== place) place.append(this);
      if (detail.xhr?.status !== 409) sentence.textContent = this.getAttribute(`say-${detail.xhr?.status}`) ?? this.getAttribute("say") ?? "";
      box.hidden = false;
    }
  }
}

customElements.define("problem-note", ProblemNote);
