/** The words as text: click to go there, select and strike to cut, bring back what was struck. */
import "./spoken-text.js";
import { api } from "./api.js";
import { counted, make, nothing } from "./elements.js";
import { Panel } from "./panel.js";
import { broughtBack } from "./returns.js";
import { store } from "./store.js";
import { find, joined, strikes, struckWords, timeline, wordAt } from "./words.js";

/** @typedef {import("./types.js").State} State */

export class TranscriptPanel extends Panel {
  static fields = ["words", "edits", "sources"];

  build() {
    /** @type {import("./words.js").Word[]} */
    this.words = [];
    /** @type {ReturnType<typeof timeline>} */
    this.places = [];
    /** @type {{from: number, to: number}[]} */
    this.found = [];
    this.text = /** @type {import("./spoken-text.js").SpokenText} */ (document.createElement("spoken-text"));
    this.search = make("input", {
      type: "search",
      placeholder: "Find words",
      "aria-label": "Find words",
      oninput: () => this.find(0),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.searchKey(event),
    });
    this.count = make("span.hint.numbers", { role: "status" });
    this.view = make(
      "select.quiet",
      { "aria-label": "Which words", onchange: () => this.show() },
      make("option", { value: "all" }, "All words"),
      make("option", { value: "film" }, "The film"),
    );
    this.strikeButton = make(
      "button",
      { onclick: () => this.strike(), title: "Take the selected words out (Delete)" },
      "Strike",
    );
    this.returnButton = make(
      "button",
      { onclick: () => this.bringBack(), title: "Show the selected words in the film" },
      "Bring back",
    );
    this.told = make("p.hint.told", { role: "status" });
    this.append(
      make("div.tools", {}, this.search, this.view),
      make("div.tools", {}, this.strikeButton, this.returnButton, this.count, this.told),
      make("div.panel-body", {}, this.text),
    );
    this.text.addEventListener("pick", (event) => this.go(/** @type {CustomEvent} */ (event).detail));
    this.text.addEventListener("strike", () => this.toggle());
    this.text.addEventListener("choice", () => this.showChoice());
    this.text.addEventListener("unfold", () => this.show());
  }

  connected() {
    this.ends.push(store.on("playhead", (time) => this.follow(time)));
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  /** @returns {Promise<any>} */
  load() {
    return api.transcript();
  }

  /**
   * @param {State} state
   * @param {any} transcripts
   */
  draw(state, transcripts) {
    this.words = joined(transcripts, state.words);
    this.places = timeline(this.words);
    this.struck = struckWords(
      this.words,
      state.edits.flatMap((edit) => (edit.drop ? [edit.drop] : [])),
    );
    this.names = new Map(state.sources.map((source) => [source.id, source.name]));
    this.showTools(Boolean(this.words.length));
    if (!this.words.length) return this.body.replaceChildren(empty());
    if (!this.text?.isConnected) this.body.replaceChildren(/** @type {HTMLElement} */ (this.text));
    this.show();
  }

  show() {
    const isFilm = this.view?.value === "film";
    const order = isFilm ? this.places?.map((place) => place.word) : this.words?.map((_, number) => number);
    this.text?.show(this.words ?? [], {
      order: order ?? [],
      struck: this.struck ?? new Set(),
      names: this.names ?? new Map(),
      isFolding: !isFilm,
    });
    this.find(null);
    this.follow(store.playhead);
  }

  /** @param {number} number of a word */
  go(number) {
    const place = this.words?.[number]?.places[0];
    if (!place) return;
    store.select(place.segment);
    store.seek(place.at + 0.001);
  }

  /** @param {number} time seconds on the timeline */
  follow(time) {
    if (this.isSeen) this.text?.play(wordAt(this.places ?? [], time), store.isPlaying);
  }

  /** Delete: strikes what is kept; where all is out already, brings it back. */
  toggle() {
    const chosen = this.text?.chosen ?? [];
    if (chosen.some((number) => this.words?.[number].kept)) this.strike();
    else this.bringBack();
  }

  strike() {
    const edits = strikes(this.words ?? [], this.text?.chosen ?? []);
    if (edits.length) store.edit(edits);
  }

  async bringBack() {
    const { amended, added } = broughtBack(
      this.words ?? [],
      this.text?.chosen ?? [],
      store.state?.edits ?? [],
    );
    for (const { number, edit } of amended) if (!(await store.amend(number, edit))) return;
    if (added.length) await store.edit(added);
  }

  showChoice() {
    const chosen = (this.text?.chosen ?? []).map((number) => /** @type {any} */ (this.words)[number]);
    const kept = chosen.filter((word) => word.kept).length;
    const seconds = chosen.reduce((sum, word) => sum + word.end - word.start, 0);
    /** @type {HTMLButtonElement} */ (this.strikeButton).disabled = kept === 0;
    /** @type {HTMLButtonElement} */ (this.returnButton).disabled = kept === chosen.length;
    /** @type {HTMLElement} */ (this.told).textContent =
      chosen.length > 1
        ? `${counted(chosen.length, "word")}, ${seconds.toFixed(1)} s`
        : chosen.length
          ? ""
          : "Click words; Shift extends.";
  }

  /** @param {number | null} step 0: to the first found, 1 and -1: to the next; null: only marks */
  find(step) {
    const { text, search, count } = this;
    if (!text || !search || !count) return;
    const shown = text.order.map((number) => text.words[number]);
    this.found = find(shown, search.value);
    text.mark(this.found);
    if (!search.value.trim()) count.textContent = "";
    else if (!this.found.length) count.textContent = "not found";
    else if (step === null) count.textContent = String(this.found.length);
    else this.toFound(step);
  }

  /** @param {number} step */
  toFound(step) {
    const { text, found } = this;
    if (!text || !found?.length) return;
    const now = text.anchor;
    const later = found.findIndex((one) => (step === 0 ? one.from >= now : one.from > now));
    const earlier = found.filter((one) => one.from < now).length - 1;
    const next = step < 0 ? earlier : later;
    const number = next >= 0 ? next : step < 0 ? found.length - 1 : 0;
    const { from, to } = found[number];
    if (text.elements[from].classList.contains("fold")) text.unfold(from);
    text.choose(from, to - 1);
    /** @type {HTMLElement} */ (this.count).textContent = `${number + 1} of ${found.length}`;
  }

  /** @param {KeyboardEvent} event */
  searchKey(event) {
    event.stopPropagation();
    if (event.key === "Enter") {
      event.preventDefault();
      this.find(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" || event.key === "ArrowDown") {
      event.preventDefault();
      this.text?.focus();
    }
  }
}

const empty = () =>
  nothing(
    "No words are known yet.",
    "With the stage `transcribe` in the pipeline, what is said appears here as text, and the film is cut by striking words.",
    make("button", { onclick: () => store.emit("panel", "panel-pipeline") }, "Open the pipeline"),
  );

customElements.define("panel-transcript", TranscriptPanel);
