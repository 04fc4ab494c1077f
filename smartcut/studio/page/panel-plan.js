/** The plan, live: what a render would run, what is known already, how much is copied, and why not all. */
import { api } from "./api.js";
import { counted, make, nothing } from "./elements.js";
import { clock, duration } from "./numbers.js";
import { Panel } from "./panel.js";
import { byStage, estimate, reasons, shares, states } from "./plan-sums.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */

export class PlanPanel extends Panel {
  static fields = ["version", "spans", "chunks"];

  load() {
    return api.plan();
  }

  /**
   * @param {State} state
   * @param {any} plan
   */
  draw(state, plan) {
    if (!plan.steps?.length && !state.spans.length) {
      this.replaceChildren(
        nothing(
          "There is nothing to plan yet.",
          "Add a stage to the pipeline, or put a moment into the film.",
        ),
      );
      return;
    }
    this.replaceChildren(figures(state, plan), whyEncoded(state), stages(plan));
  }
}

/**
 * @param {State} state
 * @param {any} plan
 */
function figures(state, plan) {
  const { copied, encoded, share } = shares(state.spans);
  const waiting = state.chunks.filter((chunk) => chunk.kind === "encode" && !chunk.ready);
  const left = waiting.reduce((sum, chunk) => sum + chunk.end - chunk.start, 0);
  const expected = estimate(plan);
  const track = make(
    "span.share",
    { role: "img", "aria-label": `${Math.round(100 * share)} % of the film is copied` },
    make("i"),
  );
  /** @type {HTMLElement} */ (track.firstElementChild).style.width = `${100 * share}%`;
  return make(
    "section.figures",
    { "aria-label": "In short" },
    figure("Film", clock(state.duration, 1)),
    figure("Copied", `${Math.round(100 * share)} %`, `${duration(copied)} as the sources have it`),
    figure(
      "To encode",
      duration(encoded),
      left < encoded ? `${duration(encoded - left)} of it done by watching` : "",
    ),
    figure("A render takes", ...timeText(expected, left === 0 && !plan.decodes?.length)),
    track,
  );
}

/**
 * @param {number | null} expected seconds
 * @param {boolean} isMade whether every picture is there already
 * @returns {[string, string]}
 */
function timeText(expected, isMade) {
  if (expected === null && isMade) return ["a moment", "its pictures are there already"];
  if (expected === null) return ["not known yet", "such work was not measured here before"];
  if (expected < 1) return ["a moment", "what is slow is done already"];
  return [`about ${duration(expected)}`, "by earlier runs on this machine"];
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [note]
 */
const figure = (name, value, note = "") =>
  make(
    "div.figure",
    {},
    make("span.hint", {}, name),
    make("strong.numbers", {}, value),
    note && make("span.hint", {}, note),
  );

/** @param {State} state */
function whyEncoded({ spans }) {
  const found = reasons(spans);
  const section = make("section", {}, make("h2", {}, "Why it is not all copied"));
  if (!found.length) {
    section.append(
      make(
        "p.hint",
        {},
        spans.length ? "Everything is copied: no picture is encoded." : "The film has no pictures.",
      ),
    );
    return section;
  }
  section.append(
    make(
      "ul.rows",
      {},
      ...found.map(({ reason, seconds, spans: places }) =>
        make(
          "li",
          {},
          make(
            "button.row",
            { onclick: () => store.seek(places[0].start), title: "Go to the first of them" },
            make("span.dot.encode", { "aria-hidden": "true" }),
            make("span.row-text", {}, reason),
            make("span.hint.numbers", {}, `${duration(seconds)} in ${counted(places.length, "place")}`),
          ),
        ),
      ),
    ),
  );
  return section;
}

/** @param {any} plan */
function stages(plan) {
  const groups = byStage([...plan.steps, ...(plan.decodes ?? [])]);
  return make(
    "section",
    {},
    make("h2", {}, "Stages"),
    make(
      "ol.rows.plan-stages",
      {},
      ...groups.map(({ stage, state, steps }) => {
        const { title = state, isWork = true } = states[state] ?? {};
        return make(
          "li",
          {},
          make(
            "details",
            { open: isWork },
            make(
              "summary.row",
              {},
              make("span.name", {}, stage),
              make(`span.state.${isWork ? "work" : "done"}`, { "data-state": state }, title),
            ),
            make(
              "ul.steps",
              {},
              ...steps.map((step) =>
                make(
                  "li",
                  {},
                  make("span.subject", {}, step.subject),
                  make("span.hint", {}, `${states[step.state]?.title ?? step.state}: ${step.reason}`),
                  typeof step.seconds === "number" && states[step.state]?.isWork
                    ? make("span.hint.numbers", {}, duration(step.seconds))
                    : null,
                ),
              ),
            ),
          ),
        );
      }),
    ),
  );
}

customElements.define("panel-plan", PlanPanel);
