// @ts-check

const FAR_PX = 50;

/** A finger that draws its content to the left or right presses what `data-key` names ArrowRight or ArrowLeft in the same dialog. */
class SwipeKeys extends HTMLElement {
  /** @type {Touch | null} */ #start = null;

  connectedCallback() {
    for (const type of ["touchstart", "touchend", "touchcancel"]) this.addEventListener(type, this, { passive: true });
  }

  disconnectedCallback() {
    for (const type of ["touchstart", "touchend", "touchcancel"]) this.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const touch = /** @type {TouchEvent} */ (event);
    const from = this.#start;
    // Two fingers make the picture larger.
    this.#start = touch.type === "touchstart" && touch.touches.length === 1 ? touch.touches[0] : null;
    if (touch.type !== "touchend" || !from || (window.visualViewport?.scale ?? 1) > 1.01) return;
    const [across, down] = [touch.changedTouches[0].clientX - from.clientX, touch.changedTouches[0].clientY - from.clientY];
    if (Math.abs(across) < FAR_PX || Math.abs(across) < 2 * Math.abs(down)) return;
    const key = across < 0 ? "ArrowRight" : "ArrowLeft";
    /** @type {HTMLElement | null | undefined} */ (this.closest("dialog")?.querySelector(`[data-key="${key}"]`))?.click();
  }
}

customElements.define("swipe-keys", SwipeKeys);
