/** The picture: video, captions, safe areas, what can be moved in it, and what is to be said about it. */

import { api } from "./api.js";
import { Deck } from "./deck.js";
import { clock } from "./numbers.js";
import { PlacedBoxes } from "./placed-boxes.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */

const PATIENCE = 300;
const STILL_LINES = 540;

export class Stage extends HTMLElement {
  connectedCallback() {
    if (this.frame) return;
    const make = (/** @type {string} */ name, /** @type {HTMLElement} */ parent) => {
      const element = document.createElement("div");
      element.className = name;
      parent.append(element);
      return element;
    };
    this.frame = make("frame", this);
    this.screen = make("screen", this.frame);
    this.still = document.createElement("img");
    this.still.className = "still";
    this.still.alt = "";
    this.still.hidden = true;
    this.frame.append(this.still);
    this.safe = make("safe", this.frame);
    this.caption = make("caption", this.frame);
    this.caption.setAttribute("aria-hidden", "true"); // screen readers have the transcript
    this.boxes = new PlacedBoxes(make("boxes", this.frame));
    this.mark = make("draft-mark", this.frame);
    this.busy = make("busy", this.frame);
    this.opening = make("opening", this);
    this.opening.setAttribute("role", "status");
    this.opening.hidden = true;
    this.trouble = make("trouble", this);
    this.trouble.setAttribute("role", "alert");
    this.safe.hidden = localStorage.getItem("safe") !== "on";
    this.caption.hidden = localStorage.getItem("captions") === "off";
    this.mark.hidden = this.busy.hidden = this.trouble.hidden = true;
    this.mark.textContent = "Draft";
    this.mark.title = "A quick preview. The picture as it will be rendered replaces it in a moment.";
    this.busy.setAttribute("aria-label", "Loading");
    this.deck = new Deck(store, this.screen);
    this.listen();
  }

  listen() {
    const screen = /** @type {HTMLElement} */ (this.screen);
    screen.addEventListener("click", () => (store.isPlaying ? store.pause() : store.play()));
    screen.addEventListener("dblclick", () => this.toggleFull());
    store.subscribe((state, changed) => {
      if (changed.has("size")) this.shape(state);
      this.showTexts();
    });
    store.on("playhead", () => this.showTexts());
    store.on("frame", () => this.showDraft());
    store.on("made", () => this.showDraft());
    store.on("shown", () => this.settled());
    store.on("waiting", (isWaiting) => this.waits(isWaiting));
    store.on("opening", (what) => this.showOpening(what));
    store.on("trouble", (what) => this.tell(what));
  }

  /** @param {State} state */
  shape({ size }) {
    const [width, height] = size ?? [16, 9];
    this.style.setProperty("--ratio", String(width / height));
  }

  settled() {
    this.waits(false);
    this.showDraft();
  }

  /**
   * Something is awaited: where it takes a while, a still of the newest version is shown meanwhile.
   * @param {boolean} isWaiting
   */
  waits(isWaiting) {
    clearTimeout(this.timer);
    const [busy, still] = [
      /** @type {HTMLElement} */ (this.busy),
      /** @type {HTMLImageElement} */ (this.still),
    ];
    if (!isWaiting) {
      busy.hidden = still.hidden = true;
      still.removeAttribute("src");
      return;
    }
    this.timer = setTimeout(() => {
      busy.hidden = false;
      if (store.isPlaying || !store.state?.chunks.length || !store.player?.isShown) return;
      still.onload = () => {
        still.hidden = !still.hasAttribute("src");
      };
      still.src = api.frameUrl(store.playhead + 0.5 / store.rate, Math.min(STILL_LINES, store.state.size[1]));
    }, PATIENCE);
  }

  showDraft() {
    if (this.mark) this.mark.hidden = !this.deck?.player?.isDraft;
  }

  showTexts() {
    const at = store.playhead + 1e-4;
    const text = store.state?.captions.find((one) => one.start <= at && at < one.end)?.text ?? "";
    if (this.caption && this.caption.textContent !== text) this.caption.textContent = text;
  }

  /** @param {{name: string, error: string, text?: string}|null} what */
  showOpening(what) {
    const place = /** @type {HTMLElement} */ (this.opening);
    place.hidden = !what;
    place.classList.toggle("failed", !!what?.error);
    const [title, text] = [document.createElement("h2"), document.createElement("p")];
    title.textContent = what?.error ? `${what.name} could not be opened` : `Preparing ${what?.name ?? ""} …`;
    text.textContent =
      what?.error || (what?.text ?? "The stages run for the first time. What they find is kept.");
    place.replaceChildren(title, text);
  }

  /** @param {{at: number, message: string}|null} what */
  tell(what) {
    const place = /** @type {HTMLElement} */ (this.trouble);
    place.hidden = !what;
    if (!what) return;
    place.textContent = `The film cannot be shown here at ${clock(what.at, 1)}: ${what.message}`;
    store.say("error", place.textContent);
  }

  /** @param {"safe"|"caption"} name */
  toggle(name) {
    const element = /** @type {HTMLElement} */ (this[name]);
    element.hidden = !element.hidden;
    localStorage.setItem(name === "safe" ? "safe" : "captions", element.hidden ? "off" : "on");
    store.emit("view", "stage");
  }

  toggleFull() {
    const viewer = this.parentElement ?? this;
    if (document.fullscreenElement) document.exitFullscreen();
    else viewer.requestFullscreen().catch((error) => store.fail(error));
  }
}

customElements.define("studio-stage", Stage);
