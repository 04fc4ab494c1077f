/** What all panels share: they load when they are seen, and say what went wrong where that fails. */
import { keepingFocus, make, nothing } from "./elements.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */

export class Panel extends HTMLElement {
  /** Fields of the state after whose change the panel is drawn anew. @type {string[]} */
  static fields = ["version"];

  constructor() {
    super();
    this.isStale = true;
    this.isSeen = false;
    this.round = 0;
    /** @type {(() => void)[]} */
    this.ends = [];
  }

  connectedCallback() {
    this.classList.add("panel");
    if (!this.childElementCount) this.build();
    const { fields } = /** @type {typeof Panel} */ (this.constructor);
    this.ends.push(
      store.subscribe((_state, changed) => {
        if (fields.some((field) => changed.has(field))) this.outdate();
      }),
    );
    const observer = new IntersectionObserver((entries) => {
      this.isSeen = entries.some((entry) => entry.isIntersecting);
      if (this.isSeen && this.isStale) this.renew();
    });
    observer.observe(this);
    this.ends.push(() => observer.disconnect());
    this.ends.push(store.on("opening", () => this.showOpening()));
    this.showOpening();
    this.connected();
  }

  /** While there is no film, that it is being made, or why it cannot be. */
  showOpening() {
    if (!store.opening || store.state) return;
    this.showTools(false);
    this.body.replaceChildren(notYet(store.opening));
  }

  disconnectedCallback() {
    for (const end of this.ends.splice(0)) end();
  }

  /** Makes the parts that stay; called once. */
  build() {}

  /** Listens to more than the state; what ends that goes to `this.ends`. */
  connected() {}

  /**
   * Asks for what the panel shows.
   * @param {State} _state
   * @returns {Promise<any>}
   */
  async load(_state) {}

  /**
   * Shows it.
   * @param {State} _state
   * @param {any} _loaded what `load` gave
   */
  draw(_state, _loaded) {}

  /** The part that a failure to load replaces. @returns {HTMLElement} */
  get body() {
    return this;
  }

  /** @param {boolean} isShown whether the rows of controls above the body are shown */
  showTools(isShown) {
    for (const tools of this.querySelectorAll(":scope > .tools")) tools.toggleAttribute("hidden", !isShown);
  }

  outdate() {
    this.isStale = true;
    if (this.isSeen) this.renew();
  }

  /** Loads and draws; an answer that comes after a newer question is left. */
  async renew() {
    const { state } = store;
    if (!state) return;
    const round = ++this.round;
    this.isStale = false;
    this.setAttribute("aria-busy", "true");
    try {
      const loaded = await this.load(state);
      if (round === this.round) keepingFocus(this, () => this.draw(state, loaded));
    } catch (error) {
      if (round === this.round) this.body.replaceChildren(failed(error, () => this.renew()));
    } finally {
      if (round === this.round) this.removeAttribute("aria-busy");
    }
  }
}

/** @param {{error?: string}} opening */
const notYet = ({ error }) =>
  error
    ? nothing("This could not be opened.", error)
    : nothing("The film is being made.", "The stages run. What they find appears here.");

/**
 * @param {unknown} error
 * @param {() => void} again
 */
const failed = (error, again) =>
  nothing(
    "This could not be loaded.",
    error instanceof Error ? error.message : String(error),
    make("button", { onclick: again }, "Try again"),
  );
