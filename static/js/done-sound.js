// @ts-check

const DONE_HZ = [659.3, 880];
const FAILED_HZ = [493.9, 392];
const APART_S = 0.16;

/** Around a switch: plays two soft notes on "pictures-done" when it is on, and at once when it is put on; remembers that. */
class DoneSound extends HTMLElement {
  /** @type {AudioContext | null} */ #audio = null;

  connectedCallback() {
    this.addEventListener("change", this);
    for (const type of ["pictures-done", "submit"]) document.addEventListener(type, this);
    try {
      this.#switch.checked = localStorage.getItem("sound") === "on";
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
    for (const type of ["pictures-done", "submit"]) document.removeEventListener(type, this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "change") this.#remember();
    if (!this.#switch.checked) return;
    try {
      // Browsers let a page make sounds only from a press on; the one that asks for a picture is such a press.
      const audio = (this.#audio ??= new AudioContext());
      audio.resume().catch(() => {});
      if (event.type === "submit") return;
      const failed = event instanceof CustomEvent && !event.detail.done;
      (failed ? FAILED_HZ : DONE_HZ).forEach((pitch, index) => this.#play(audio, pitch, audio.currentTime + index * APART_S));
    } catch {
      // There may be no way to make a sound here; the title tells it.
    }
  }

  /** @param {AudioContext} audio @param {number} pitch Hertz. @param {number} start Seconds. */
  #play(audio, pitch, start) {
    const note = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    note.connect(volume).connect(audio.destination);
    note.start(start);
    note.stop(start + 0.62);
  }

  #remember() {
    try {
      localStorage.setItem("sound", this.#switch.checked ? "on" : "off");
    } catch {
      // As above.
    }
  }

  get #switch() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input"));
  }
}

customElements.define("done-sound", DoneSound);
