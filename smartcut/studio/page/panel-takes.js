/** The passages that `takes` put together: which take is heard, what speaks against each, how each sounds. */
import { api } from "./api.js";
import { counted, make, nothing, styled } from "./elements.js";
import { listening } from "./listening.js";
import { clock, numberOf } from "./numbers.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";

/**
 * @typedef {object} Take
 * @property {string} name
 * @property {string} source
 * @property {string} start exact, in source time
 * @property {string} end
 * @property {number} gain dB
 * @property {Record<string, number>} costs
 * @property {number} total
 * @property {object[]} edits those that play it
 * @typedef {object} Passage
 * @property {string} words
 * @property {number | null} heard number of the take that the film plays
 * @property {string[]} segments ids
 * @property {number | null} at seconds of the film
 * @property {Take[]} takes the one that the stage chose, then the others, the best first
 * @property {Record<string, number>} joining
 * @property {string | null} runner_up
 * @property {number | null} costs_more
 * @property {string} why
 */

await styled("takes.css");

/** Costs below this are not told. */
const LEAST = 0.005;

export class TakesPanel extends Panel {
  build() {
    this.count = make("p.hint", { role: "status" });
    this.list = make("ol.passages", { "aria-label": "Passages" });
    this.append(make("div.tools", {}, this.count), make("div.panel-body", {}, this.list));
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  load() {
    return api.takes();
  }

  /**
   * @param {import("./types.js").State} _state
   * @param {Passage[]} passages
   */
  draw(_state, passages) {
    this.showTools(Boolean(passages.length));
    if (!passages.length) return this.body.replaceChildren(empty());
    const { list, count } = this;
    if (!list || !count) return;
    if (!list.isConnected) this.body.replaceChildren(list);
    list.replaceChildren(...passages.map(row));
    const other = passages.filter((one) => one.heard !== 0).length;
    const told = other ? `, ${other} not as the stage chose` : "";
    count.textContent = `${counted(passages.length, "passage")}${told}.`;
  }
}

/**
 * @param {Passage} passage
 * @param {number} number
 */
function row(passage, number) {
  const { words, at, joining, takes, heard } = passage;
  const join = costs(joining);
  return make(
    "li.passage",
    {},
    make(
      "fieldset",
      {},
      make("legend", {}, words),
      make(
        "div.tools.flat",
        {},
        make(
          "button",
          {
            "data-focus": `play-${number}`,
            disabled: at === null,
            "aria-label": `Play: ${words}`,
            onclick: () => play(passage),
          },
          "Play",
        ),
        make("span.hint.numbers", {}, at === null ? "not in the film" : clock(at, 1)),
        heard ? make("span.badge.edited", {}, "by hand") : null,
      ),
      ...takes.map((take, other) => choice(passage, number, take, other)),
      make("p.hint", {}, reason(passage)),
      join ? make("p.hint", {}, `The join before it: ${join}.`) : null,
    ),
  );
}

/**
 * @param {Passage} passage
 * @param {number} number
 * @param {Take} take
 * @param {number} other its number among the takes
 */
function choice(passage, number, take, other) {
  const isHeard = other === passage.heard;
  const against = costs(take.costs);
  const part = { source: take.source, start: numberOf(take.start), end: numberOf(take.end), gain: take.gain };
  const label = make(
    "label.take",
    {},
    make("input", {
      type: "radio",
      name: `passage-${number}`,
      checked: isHeard,
      disabled: !isHeard && !take.edits.length,
      "data-focus": `take-${number}-${other}`,
      onchange: () => choose(passage, take),
    }),
    make("span.take-name", {}, take.name, other === 0 ? make("span.badge", {}, "chosen") : null),
    make("span.hint.numbers", {}, against || "nothing against it"),
  );
  const what = `${take.name}: ${passage.words}`;
  return make("div.take-row", {}, label, listening(what, part, `listen-${number}-${other}`));
}

/** @param {Passage} passage */
function reason({ takes, runner_up: next, costs_more: more }) {
  if (takes.length === 1 && !next) return "No other take says all of it.";
  if (!next || more === null) return "";
  if (more < LEAST) return `Another way costs no more, most of it from ${next}.`;
  return `The next best way costs ${more.toFixed(2)} more, most of it from ${next}.`;
}

/** @param {Record<string, number>} costs the largest first: "noise 0.62, pitch 0.20" */
function costs(costs) {
  const rows = Object.entries(costs).filter(([, value]) => value >= LEAST);
  return rows
    .sort(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(", ");
}

/** @param {Passage} passage */
function play({ at, segments }) {
  if (at === null) return;
  if (segments.length) store.select(segments[0]);
  store.seek(at);
  store.play();
}

/**
 * @param {Passage} passage
 * @param {Take} take
 */
async function choose({ at }, take) {
  if ((await store.edit(take.edits)) && at !== null) store.seek(at);
}

const empty = () =>
  nothing(
    "No takes were put together.",
    "The stage `takes` makes the best reading of several takes of one text; its passages are told here.",
    make("button", { onclick: () => store.show("panel-pipeline") }, "Open the pipeline"),
  );

customElements.define("panel-takes", TakesPanel);
