/** What the pipeline expects of the film: met, not met, or not known before it is written; with times to jump to. */
import { api } from "./api.js";
import { counted, make, nothing } from "./elements.js";
import { clock } from "./numbers.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";

/**
 * @typedef {{reason: string, start: number | null, end: number | null}} Missed
 * @typedef {{name: string, state: "met" | "failed" | "unchecked", met: boolean, wanted: string, measured: string,
 *   misses: Missed[]}} Verdict
 * @typedef {{path: string, version: number, verdicts: Verdict[]}} CheckedFilm
 */

const STATES = { met: "met", failed: "not met", unchecked: "not known yet" };

export class ExpectedPanel extends Panel {
  connected() {
    this.ends.push(store.on("progress", (event) => event.kind === "done" && this.outdate()));
  }

  load() {
    return api.expected();
  }

  /**
   * @param {import("./types.js").State} state
   * @param {{plan: Verdict[], film: CheckedFilm | null}} found
   */
  draw(state, { plan, film }) {
    if (!plan.length)
      return this.replaceChildren(
        nothing(
          "Nothing is expected of this film.",
          "Add the stage `expect` to the pipeline to say what it shall be.",
        ),
      );
    this.replaceChildren(
      section("Of the plan", told(plan), plan),
      film ? section("Of the file", fileTold(film, state), film.verdicts) : make("span", { hidden: true }),
    );
  }
}

/** @param {Verdict[]} verdicts */
function told(verdicts) {
  const count = (/** @type {string} */ state) => verdicts.filter((one) => one.state === state).length;
  const [failed, met, later] = [count("failed"), count("met"), count("unchecked")];
  return [
    failed ? `${failed} not met` : "",
    met ? `${met} met` : "",
    later ? `${counted(later, "thing")} only the finished film tells` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * @param {CheckedFilm} film
 * @param {import("./types.js").State} state
 */
const fileTold = ({ path, version }, state) =>
  `${path.split(/[\\/]/).at(-1)}${version === state.version ? "" : `, of version ${version}`}`;

/**
 * @param {string} title
 * @param {string} text
 * @param {Verdict[]} verdicts
 */
const section = (title, text, verdicts) =>
  make(
    "section",
    {},
    make("h2", {}, title),
    make("p.hint", {}, text),
    make("ul.verdicts", {}, ...verdicts.map(row)),
  );

/** @param {Verdict} verdict */
function row({ name, state, wanted, measured, misses }) {
  return make(
    `li.verdict.${state}`,
    {},
    make(
      "p.verdict-head",
      {},
      make("strong", {}, name.replaceAll("_", " ")),
      wanted ? make("span.hint", {}, wanted) : null,
      make("span.badge", {}, STATES[state]),
    ),
    make("p.hint", {}, measured),
    misses.length ? make("ul", {}, ...misses.map((miss) => make("li", {}, missed(miss)))) : null,
  );
}

/** @param {Missed} miss */
function missed({ reason, start }) {
  if (start === null) return make("p", {}, reason);
  return make(
    "button.row",
    { title: "Go there", onclick: () => store.seek(start) },
    make("span.numbers", {}, clock(start, 2)),
    make("span.row-text", {}, reason),
  );
}

customElements.define("panel-expected", ExpectedPanel);
