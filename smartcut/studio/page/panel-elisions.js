/** What the cut takes away of what was said: words left out, sentences joined, moved or covered. */
import { api } from "./api.js";
import { counted, make, nothing, styled } from "./elements.js";
import { listening } from "./listening.js";
import { clock } from "./numbers.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */
/**
 * @typedef {object} Elision
 * @property {string} kind
 * @property {number} start seconds of the film
 * @property {string | null} source
 * @property {number[] | null} said when the words left out were said, in seconds of the source
 * @property {string} before
 * @property {string} left_out
 * @property {string} after
 * @property {string} detail
 * @property {boolean} filler
 * @property {boolean} judged rules for signs of another sense are known of the language
 * @property {{kind: string, because: string}[]} senses
 */

await styled("elisions.css");

/** Seconds of what was said before and after the words left out, that are heard with them. */
const ABOUT = 2;

export class ElisionsPanel extends Panel {
  build() {
    this.count = make("p.hint", { role: "status" });
    this.list = make("ul.elisions", { "aria-label": "Elisions" });
    this.onlyMarked = make("input", { type: "checkbox", onchange: () => this.show() });
    this.append(
      make(
        "div.tools",
        {},
        this.count,
        make("label.check", {}, this.onlyMarked, "only with signs of another sense"),
      ),
      make("div.panel-body", {}, this.list),
    );
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  load() {
    return api.elisions();
  }

  /**
   * @param {State} _state
   * @param {Elision[]} found
   */
  draw(_state, found) {
    this.showTools(Boolean(found.length));
    if (!found.length) return this.body.replaceChildren(empty());
    const { list, count } = this;
    if (!list || !count) return;
    if (!list.isConnected) this.body.replaceChildren(list);
    this.found = found;
    this.show();
    const marked = found.filter((one) => one.senses.length).length;
    const signs = marked ? `, ${marked} with signs of another sense` : "";
    count.textContent = `${counted(found.length, "place")}${signs}.`;
  }

  show() {
    const isShort = this.onlyMarked?.checked ?? false;
    const shown = (this.found ?? []).filter((one) => !isShort || one.senses.length);
    this.list?.replaceChildren(...shown.map(row));
  }
}

/**
 * The words left out with what was said about them.
 * @param {string} source
 * @param {number[]} said
 */
const original = (source, [start, end]) => ({ source, start: Math.max(0, start - ABOUT), end: end + ABOUT });

/**
 * @param {Elision} one
 * @param {number} number
 */
function row(one, number) {
  const kind = [one.kind, one.detail, one.filler ? "only fillers" : ""].filter(Boolean).join(", ");
  return make(
    one.senses.length ? "li.elision.marked" : "li.elision",
    {},
    make(
      "button.row",
      { onclick: () => store.seek(one.start), title: "Go there" },
      make("span.numbers", {}, clock(one.start, 1)),
      make("span.row-text", {}, kind),
    ),
    one.source && one.said
      ? make(
          "div.tools.flat",
          {},
          listening(one.left_out, original(one.source, one.said), `original-${number}`),
        )
      : null,
    make(
      "p",
      {},
      one.before,
      one.left_out ? " " : "",
      one.left_out ? make("strong", {}, `[${one.left_out}]`) : "",
      one.after ? ` ${one.after}` : "",
    ),
    one.judged ? null : make("p.hint", {}, "Not judged: no rules for this language."),
    ...one.senses.map((sense) =>
      make("p.hint", {}, make("span.badge", {}, sense.kind), ` “${sense.because}”`),
    ),
  );
}

const empty = () =>
  nothing(
    "Nothing was left out of what was said.",
    "Where the words are known (`transcribe`), what a cut leaves out of a sentence, moves or covers is told here.",
  );

customElements.define("panel-elisions", ElisionsPanel);
