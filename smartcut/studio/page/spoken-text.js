/** Words as text that is walked through and selected by mouse and keys: `<spoken-text>`. */
import { counted, make } from "./elements.js";
import { clock } from "./numbers.js";
import { DOUBTFUL, paragraphs, pieces } from "./words.js";

/** @typedef {import("./words.js").Word} Word */

/**
 * Events: "pick" where a word was clicked or entered (detail: its number), "strike" for Delete,
 * "choice" where the selection changed.
 */
export class SpokenText extends HTMLElement {
  constructor() {
    super();
    /** @type {Word[]} */
    this.words = [];
    /** numbers of words, in the order shown @type {number[]} */
    this.order = [];
    /** @type {Set<number>} numbers of words struck by hand */
    this.struck = new Set();
    /** @type {Set<string>} "source start" of folds that were opened */
    this.opened = new Set();
    /** @type {HTMLElement[]} by place in `order`; a fold stands for all its words */
    this.elements = [];
    this.cursor = -1;
    this.anchor = -1;
    this.playing = -1;
    /** @type {number[]} x of the cursor while it goes up or down */
    this.column = [];
  }

  connectedCallback() {
    if (this.hasAttribute("role")) return;
    this.setAttribute("role", "listbox");
    this.tabIndex = 0;
    this.setAttribute("aria-multiselectable", "true");
    this.setAttribute("aria-label", "Words");
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("pointerdown", (event) => this.press(event));
    this.addEventListener("dblclick", (event) => this.chooseSentence(this.placeOf(event.target)));
  }

  /**
   * @param {Word[]} words
   * @param {{order: number[], struck: Set<number>, names: Map<string, string>, isFolding: boolean}} how
   */
  show(words, { order, struck, names, isFolding }) {
    const [anchor, cursor] = [this.anchor, this.cursor].map((place) => this.words[this.order[place]]);
    Object.assign(this, { words, order, struck });
    this.elements = [];
    const shown = order.map((number) => words[number]);
    const folded = isFolding ? 24 : Infinity;
    const isOneSource = new Set(shown.map((word) => word.source)).size < 2;
    this.replaceChildren(
      ...paragraphs(shown).map((paragraph) => {
        const first = shown[paragraph.from];
        const who = [first.speaker, isOneSource ? "" : (names.get(first.source) ?? first.source)]
          .filter(Boolean)
          .join(" · ");
        const text = make("div.said", {});
        for (const piece of pieces(shown, paragraph, folded)) this.fill(text, piece);
        const head = make(
          "div.said-head",
          { "aria-hidden": "true" },
          who ? make("span.speaker", {}, who) : null,
          make("span.numbers", {}, clock(first.start)),
        );
        return make(
          "div.paragraph",
          { role: "group", "aria-label": `${who} ${clock(first.start)}` },
          head,
          text,
        );
      }),
    );
    const placeOf = (/** @type {Word | undefined} */ word) =>
      order.findIndex((n) => words[n].source === word?.source && words[n].start === word.start);
    const now = placeOf(cursor);
    this.choose(now < 0 ? now : Math.max(0, placeOf(anchor)), now, false);
  }

  /**
   * @param {HTMLElement} text
   * @param {{from: number, to: number, kept: boolean, folded: boolean}} piece places in `order`
   */
  fill(text, { from, to, kept, folded }) {
    const key = (/** @type {number} */ place) =>
      `${this.words[this.order[place]].source} ${this.words[this.order[place]].start}`;
    if (folded && !this.opened.has(key(from))) {
      const first = this.words[this.order[from]];
      const last = this.words[this.order[to - 1]];
      const fold = make(
        "span.fold",
        { role: "option", "data-place": from, "aria-selected": "false", title: "Show these words" },
        `${counted(to - from, "word")} left out, ${clock(last.end - first.start)}`,
      );
      for (let place = from; place < to; place++) this.elements[place] = fold;
      text.append(fold, " ");
      return;
    }
    for (let place = from; place < to; place++) {
      const number = this.order[place];
      const { text: word, probability } = this.words[number];
      const isDoubtful = probability !== null && probability < DOUBTFUL;
      const states = [kept ? "" : this.struck.has(number) ? "struck" : "left", isDoubtful ? "doubtful" : ""];
      const told = [
        kept ? "" : this.struck.has(number) ? "struck" : "left out",
        isDoubtful ? `heard with ${Math.round(100 * probability)} % certainty` : "",
      ]
        .filter(Boolean)
        .join(", ");
      const element = make(
        "span.word",
        { role: "option", "data-place": place, "aria-selected": "false", title: told },
        word,
      );
      element.classList.add(...states.filter(Boolean));
      if (told) element.setAttribute("aria-label", `${word}, ${told}`);
      this.elements[place] = element;
      text.append(element, " ");
    }
  }

  /** Numbers of the words chosen. @returns {number[]} */
  get chosen() {
    if (this.cursor < 0) return [];
    const [from, to] = this.bounds();
    return this.order.slice(from, to + 1);
  }

  /** @returns {[number, number]} first and last place chosen; a fold is chosen whole */
  bounds() {
    let from = Math.min(this.cursor, this.anchor);
    let to = Math.max(this.cursor, this.anchor);
    while (this.elements[from - 1] && this.elements[from - 1] === this.elements[from]) from--;
    while (this.elements[to + 1] && this.elements[to + 1] === this.elements[to]) to++;
    return [from, to];
  }

  /**
   * @param {number} anchor place in `order`
   * @param {number} cursor
   * @param {boolean} [isSeen] whether the cursor is scrolled into view
   */
  choose(anchor, cursor, isSeen = true) {
    for (const element of this.querySelectorAll("[aria-selected=true]"))
      element.setAttribute("aria-selected", "false");
    this.querySelector(".cursor")?.classList.remove("cursor");
    Object.assign(this, { anchor, cursor });
    const element = this.elements[cursor];
    if (element) {
      const [from, to] = this.bounds();
      for (let place = from; place <= to; place++) this.elements[place].setAttribute("aria-selected", "true");
      element.id ||= `word-${cursor}`;
      this.setAttribute("aria-activedescendant", element.id);
      element.classList.add("cursor");
      if (isSeen) element.scrollIntoView({ block: "nearest" });
    } else this.removeAttribute("aria-activedescendant");
    this.dispatchEvent(new Event("choice"));
    return true;
  }

  /** @param {number} place */
  chooseSentence(place) {
    if (place < 0) return;
    const isEnd = (/** @type {number} */ at) => {
      const [word, next] = [this.words[this.order[at]], this.words[this.order[at + 1]]];
      return (
        !next ||
        next.source !== word.source ||
        next.speaker !== word.speaker ||
        /[.!?…]["”')\]]*$/.test(word.text)
      );
    };
    let [from, to] = [place, place];
    while (from > 0 && !isEnd(from - 1)) from--;
    while (!isEnd(to)) to++;
    this.choose(from, to, false);
  }

  /**
   * Marks the word that is played.
   * @param {number} number of the word; -1 for none
   * @param {boolean} isFollowed whether it is scrolled into view
   */
  play(number, isFollowed) {
    if (number === this.playing) return;
    this.playing = number;
    this.querySelector(".playing")?.classList.remove("playing");
    const element = number < 0 ? null : this.elements[this.order.indexOf(number)];
    element?.classList.add("playing");
    if (isFollowed) element?.scrollIntoView({ block: "nearest" });
  }

  /**
   * Marks what a search found.
   * @param {{from: number, to: number}[]} found places in `order`
   */
  mark(found) {
    for (const element of this.querySelectorAll(".found")) element.classList.remove("found");
    for (const { from, to } of found)
      for (let place = from; place < to; place++) this.elements[place]?.classList.add("found");
  }

  /** @param {EventTarget | null} target */
  placeOf(target) {
    const element = target instanceof Element ? target.closest("[data-place]") : null;
    return element && this.contains(element) ? Number(element.getAttribute("data-place")) : -1;
  }

  /** @param {PointerEvent} event */
  press(event) {
    const place = this.placeOf(event.target);
    if (place < 0 || event.button !== 0) return;
    event.preventDefault();
    this.focus({ preventScroll: true });
    if (event.shiftKey && this.anchor >= 0) {
      this.choose(this.anchor, place);
      return;
    }
    this.choose(place, place);
    let hasMoved = false;
    const move = (/** @type {PointerEvent} */ moved) => {
      const at = this.placeOf(document.elementFromPoint(moved.clientX, moved.clientY));
      if (at < 0 || at === this.cursor) return;
      hasMoved = true;
      this.choose(place, at);
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!hasMoved) this.pick(place);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  /** @param {number} place */
  pick(place) {
    if (this.elements[place]?.classList.contains("fold")) return this.unfold(place);
    if (place < 0) return false;
    this.dispatchEvent(new CustomEvent("pick", { detail: this.order[place] }));
    return true;
  }

  /** @param {number} place */
  unfold(place) {
    const { source, start } = this.words[this.order[place]];
    this.opened.add(`${source} ${start}`);
    this.dispatchEvent(new Event("unfold"));
    return this.choose(place, place);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || (event.metaKey && event.key !== "a")) return;
    const isTaken = this.act(event);
    if (!isTaken) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was meant for the words */
  act(event) {
    const last = this.order.length - 1;
    const isVertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!isVertical) this.column = [];
    if ((event.ctrlKey || event.metaKey) && event.key === "a") return this.choose(0, last, false);
    if (event.ctrlKey && !["Home", "End"].includes(event.key)) return false;
    // Where no word is chosen, nothing goes: elsewhere on the page the key takes a whole segment out.
    if (event.key === "Delete" || event.key === "Backspace")
      return this.cursor < 0 || this.dispatchEvent(new Event("strike"));
    if (event.key === "Enter") return this.pick(this.cursor);
    if (event.key === "Escape" && this.cursor !== this.anchor) return this.choose(this.cursor, this.cursor);
    const to = this.target(event.key, last);
    if (to === null) return false;
    return this.choose(event.shiftKey && this.anchor >= 0 ? this.anchor : to, to);
  }

  /**
   * @param {string} key
   * @param {number} last
   */
  target(key, last) {
    if (last < 0) return null;
    if (key === "Home") return 0;
    if (key === "End") return last;
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key)) return null;
    if (this.cursor < 0) return Math.max(0, this.order.indexOf(this.playing));
    const step = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    if (key === "ArrowUp" || key === "ArrowDown") return this.line(step);
    let to = this.cursor;
    do to += step;
    while (to >= 0 && to <= last && this.elements[to] === this.elements[this.cursor]);
    return Math.min(last, Math.max(0, to));
  }

  /**
   * The place in the next line that is nearest to the cursor.
   * @param {1 | -1} step
   */
  line(step) {
    const from = this.elements[this.cursor].getBoundingClientRect();
    this.column[0] ??= from.left + from.width / 2;
    let best = this.cursor;
    let top = null;
    let nearest = Infinity;
    for (let at = this.cursor + step; at >= 0 && at < this.order.length; at += step) {
      const box = this.elements[at].getBoundingClientRect();
      if (Math.abs(box.top - from.top) < 4) continue;
      top ??= box.top;
      if (Math.abs(box.top - top) >= 4) break;
      const away = Math.abs(box.left + box.width / 2 - this.column[0]);
      if (away < nearest) [best, nearest] = [at, away];
    }
    return best;
  }
}

customElements.define("spoken-text", SpokenText);
