/** A style that was learned: its settings with their intervals, how well it holds, and what becomes of it. */
import { api } from "./api.js";
import { make } from "./elements.js";
import { store } from "./store.js";
import { withStyle } from "./style-apply.js";

/**
 * @typedef {{value: number, low: number, high: number, n: number}} Estimate
 * @typedef {{yaml: string, text: string, stages: import("./yaml-stages.js").StagePlace[], figures: any}} Style
 */

/** @param {Style} style */
export function learnedView(style) {
  const { figures } = style;
  return make(
    "section.learned",
    {},
    make("h2", {}, `The style of ${figures.films.join(", ")}`),
    table(rows(figures)),
    make("h2", {}, "Films held back"),
    make("ul.notes", {}, ...heldBack(figures).map((text) => make("li", {}, text))),
    figures.left_out.length ? make("h2", {}, "Not learned") : null,
    figures.left_out.length
      ? make("ul.notes", {}, ...figures.left_out.map((/** @type {string} */ text) => make("li", {}, text)))
      : null,
    uses(style),
    make(
      "details",
      {},
      make("summary", {}, "The pipeline"),
      make(
        "pre.style-yaml",
        { tabIndex: 0, role: "region", "aria-label": "The pipeline as YAML" },
        style.yaml,
      ),
    ),
  );
}

/**
 * What was estimated: name, value, interval, of how many.
 * @param {any} figures
 * @returns {[string, string, string, string][]}
 */
function rows({ shot, cuts_per_minute: pace, tighten, highlights, colour, subtitles }) {
  const found = [seconds("length of a shot", shot)];
  if (tighten) {
    found.push(seconds("kept before a word", tighten.before), seconds("kept after a word", tighten.after));
    if (tighten.min_cut) found.push(seconds("shortest cut", tighten.min_cut));
    if (tighten.speed) found.push(["speed of pauses", `× ${tighten.speed}`, "", ""]);
  }
  if (highlights) {
    found.push(seconds("shortest passage", highlights.min_length));
    found.push(seconds("longest passage", highlights.max_length));
    for (const [name, weight] of Object.entries(highlights.weights))
      if (weight.is_told) found.push(line(`weight of ${name}`, weight, 2, ""));
  }
  if (colour) found.push(...colourRows(colour));
  if (subtitles) found.push(...captionRows(subtitles));
  return [...found, ["cuts a minute", pace.toFixed(1), "", ""]];
}

/** Digits and units of the settings of `colour`. @type {Record<string, [number, string]>} */
const COLOUR = { exposure: [2, " EV"], temperature: [0, " K"] };

/**
 * @param {any} colour
 * @returns {[string, string, string, string][]}
 */
const colourRows = ({ by, settings, stretches }) =>
  by === "table"
    ? [["colour", "a table", "", String(stretches)]]
    : Object.entries(settings).map(([name, estimate]) => line(name, estimate, ...(COLOUR[name] ?? [2, ""])));

/**
 * @param {any} subtitles
 * @returns {[string, string, string, string][]}
 */
function captionRows({ look, style, moments, ...known }) {
  /** @type {[string, string, string, string][]} */
  const found = [["look of captions", look, "", String(moments)]];
  for (const [name, value] of Object.entries(style))
    found.push(
      known[name]
        ? line(`${name} of captions`, known[name], 3, "")
        : [
            `${name.replaceAll("_", " ")} of captions`,
            value === null ? "as lines hold" : String(value),
            "",
            "",
          ],
    );
  return found;
}

/**
 * @param {string} name
 * @param {Estimate} estimate
 */
const seconds = (name, estimate) => line(name, estimate, 2, " s");

/**
 * @param {string} name
 * @param {Estimate} estimate
 * @param {number} digits
 * @param {string} unit
 * @returns {[string, string, string, string]}
 */
const line = (name, { value, low, high, n }, digits, unit) => [
  name,
  `${value.toFixed(digits)}${unit}`,
  `${low.toFixed(digits)} to ${high.toFixed(digits)}`,
  n === undefined ? "" : String(n),
];

/** @param {[string, string, string, string][]} rows */
const table = (rows) =>
  make(
    "table.style-figures",
    {},
    make(
      "thead",
      {},
      make("tr", {}, ...["setting", "value", "95 %", "of"].map((text) => make("th", { scope: "col" }, text))),
    ),
    make(
      "tbody",
      {},
      ...rows.map(([name, ...cells]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, name),
          ...cells.map((text) => make("td.numbers", {}, text)),
        ),
      ),
    ),
  );

/** @param {any} figures */
function heldBack({ tighten, highlights, colour, subtitles }) {
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  const found = [];
  if (tighten)
    found.push(
      `${percent(tighten.share)} of the edges of cuts in pauses lie within 0.1 s of where the other films put them; ` +
        `of tighten's own margins, ${percent(tighten.share_of_defaults)}.`,
    );
  if (highlights)
    found.push(
      `Of pairs of a passage chosen and one left, ${percent(highlights.auc)} are told apart rightly (chance: 50 %).`,
    );
  if (colour)
    found.push(
      `Colours differ from the sources' by ${colour.before.toFixed(1)}, and by ${colour.after.toFixed(1)} under the grade ` +
        "of the other films (CIE 1976, median).",
    );
  if (subtitles)
    found.push(
      `Captions drawn in the look of the other films cover ${percent(subtitles.overlap)} of the pixels that captions cover ` +
        `in either; the next look, ${subtitles.second}, explains ${percent(subtitles.second_explained)}.`,
    );
  return found;
}

/** @param {Style} style */
function uses(style) {
  const path = make("input", {
    type: "text",
    placeholder: "style.yaml",
    spellcheck: false,
    autocomplete: "off",
  });
  const told = make("div", { role: "status" });
  /** @param {() => Promise<string>} act */
  const act = async (act) => {
    try {
      told.replaceChildren(make("p.hint", {}, await act()));
    } catch (error) {
      told.replaceChildren(make("p.error", {}, error instanceof Error ? error.message : String(error)));
    }
  };
  return make(
    "div.take-over",
    {},
    make(
      "div.tools.flat",
      {},
      make("button.primary", { onclick: () => act(() => apply(style, told)) }, "Apply to the open pipeline"),
    ),
    make("label.field", {}, make("span.field-name", {}, "Or as a pipeline of its own"), path),
    make(
      "div.tools.flat",
      {},
      make(
        "button",
        {
          onclick: () =>
            act(async () => `wrote ${(await api.keepStyle(path.value.trim() || undefined)).path}`),
        },
        "Write it",
      ),
    ),
    told,
  );
}

/**
 * @param {Style} style
 * @param {HTMLElement} told
 */
async function apply(style, told) {
  const { text } = await api.pipeline();
  if (!text) return "This film has no pipeline as text: write the style, and open that.";
  told.replaceChildren(make("p.hint", {}, "Running the stages …"));
  await store.setPipeline(await withStyle(text, style.stages, api.check));
  return "Applied: the film is cut in this style. Undo takes it back.";
}
