/** A moment of a source as a card: picture, time, score, words, and a button that uses it. */
import { make } from "./elements.js";
import { thumbnail } from "./filmstrips.js";
import { labelOf } from "./moments.js";
import { clock, duration, numberOf } from "./numbers.js";
import { MOMENT } from "./timeline-drop.js";

/**
 * @typedef {{id: string, source: string, start: number | string, end: number | string, score: number | null,
 *   scores: Record<string, number>, chosen: boolean, text: string}} Moment
 */

/**
 * @param {Moment} moment
 * @param {{names: Map<string, string>, action: string, does: (moment: Moment) => void, hint?: string}} how
 */
export function momentCard(moment, { names, action, does, hint = "" }) {
  const start = numberOf(moment.start);
  const length = numberOf(moment.end) - start;
  const name = names.get(moment.source) ?? moment.source;
  const told = `${clock(start, 1)} of ${name}, ${duration(length)}`;
  const scores = Object.entries(moment.scores ?? {}).map(([key, value]) => `${key} ${value.toFixed(2)}`);
  const card = make(
    "li.moment",
    {
      tabIndex: -1,
      draggable: true,
      "data-focus": `moment-${moment.id}`,
      title: scores.join("\n"),
      "aria-label": `${told}${moment.score === null ? "" : `, score ${moment.score.toFixed(2)}`}. ${moment.text ?? ""}`,
    },
    thumbnail(moment.source, start + length / 2),
    make(
      "div.moment-text",
      {},
      make(
        "p.moment-head.numbers",
        {},
        make("span", {}, clock(start, 1)),
        make("span.hint", {}, duration(length)),
        moment.score === null ? null : scoreOf(moment.score),
      ),
      make("p.moment-said", {}, moment.text || make("span.hint", {}, "nothing is said")),
    ),
    make(
      "div.moment-foot",
      {},
      make("p.hint.moment-source", {}, name, hint ? ` · ${hint}` : ""),
      make(
        "button.moment-use",
        {
          "data-focus": `use-${moment.id}`,
          onclick: () => does(moment),
          "aria-label": `${action}: ${told}`,
        },
        action,
      ),
    ),
  );
  card.addEventListener("dragstart", (event) => {
    const range = { source: moment.source, start: moment.start, end: moment.end };
    event.dataTransfer?.setData(MOMENT, JSON.stringify({ ...range, ...labelOf(moment) }));
    event.dataTransfer?.setData("text/plain", moment.text ?? "");
  });
  return card;
}

/** @param {number} score */
function scoreOf(score) {
  const fill = make("i");
  fill.style.width = `${100 * Math.min(1, Math.max(0, score))}%`;
  return make(
    "span.score",
    { title: "score" },
    make("span.score-track", { "aria-hidden": "true" }, fill),
    score.toFixed(2),
  );
}
