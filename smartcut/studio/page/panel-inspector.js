/** The selected segment: why it is there, what it beat, what would take its place, and its settings. */
import { api } from "./api.js";
import { matchOf } from "./edits.js";
import { bar, make, nothing } from "./elements.js";
import { thumbnail } from "./filmstrips.js";
import { momentCard } from "./moment-card.js";
import { labelOf } from "./moments.js";
import { clock, duration, numberOf } from "./numbers.js";
import { Panel } from "./panel.js";
import { segmentForm } from "./segment-form.js";
import { code } from "./stage-form.js";
import { schemaOnce } from "./stage-schema.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./moment-card.js").Moment} Moment */
/**
 * @typedef {{score: number | null, parts: {name: string, value: number, weight: number | null}[], words: string,
 *   beaten: Moment[], next: Moment | null, text: string}} Why
 */

export class InspectorPanel extends Panel {
  static fields = ["version"];

  connected() {
    this.ends.push(store.on("selection", () => this.outdate()));
  }

  /** @param {State} state */
  async load(state) {
    const segment = store.segment(store.selected);
    if (!segment) return null;
    if (this.shown !== segment.id) this.drawHead(state, segment);
    const [why, schema] = await Promise.all([api.why(segment.id), schemaOnce()]);
    return { segment, why, schema };
  }

  /**
   * What is known at once, while the reasons are asked for.
   * @param {State} state
   * @param {Segment} segment
   */
  drawHead(state, segment) {
    this.shown = segment.id;
    const names = new Map(state.sources.map((source) => [source.id, source.name]));
    const waiting = make("section", {}, make("p.hint", {}, "Asking why it is in the film …"));
    this.replaceChildren(head(segment, names, store.trackOf(segment.id)?.role), waiting);
  }

  /**
   * @param {State} state
   * @param {{segment: Segment, why: Why, schema: any} | null} found
   */
  draw(state, found) {
    this.shown = found?.segment.id ?? "";
    if (!found) return this.replaceChildren(empty(state));
    const { segment, why, schema } = found;
    const names = new Map(state.sources.map((source) => [source.id, source.name]));
    const track = store.trackOf(segment.id);
    const isDrawn = !segment.source || !names.has(segment.source);
    this.replaceChildren(
      head(segment, names, track?.role),
      reasons(why),
      said(why),
      segmentForm(segment, track ?? { role: "programme", kind: "picture" }, schema),
      ...(isDrawn || track?.role !== "programme" ? [] : [instead(segment, why, names)]),
    );
  }
}

/**
 * @param {Segment} segment
 * @param {Map<string, string>} names
 * @param {string} [track] role of its track
 */
function head(segment, names, track) {
  const isDrawn = !names.has(segment.source ?? "");
  const [start, end] = [numberOf(segment.start), numberOf(segment.end)];
  const name = names.get(segment.source ?? "");
  const pictures = isDrawn
    ? []
    : [0.05, 0.5, 0.95].map((share) => thumbnail(segment.source, start + share * (end - start)));
  return make(
    "header.segment-head",
    {},
    pictures.length ? make("div.thumbs", {}, ...pictures) : null,
    make("h2", {}, segment.label || segment.text || name || "Segment"),
    make(
      "p.hint.numbers",
      {},
      isDrawn
        ? `drawn, ${duration(segment.to - segment.at)}`
        : `${clock(start, 2)} – ${clock(end, 2)} of ${name}`,
    ),
    make(
      "p.hint.numbers",
      {},
      `in the film ${clock(segment.at, 2)} – ${clock(segment.to, 2)}, ${duration(segment.to - segment.at)}`,
    ),
    make(
      "div.tools.flat",
      {},
      segment.edited ? make("span.badge.edited", {}, `${segment.edited} by hand`) : null,
      make("button", { "data-focus": "play", onclick: () => playFrom(segment) }, "Play"),
      make("button.danger", { "data-focus": "out", onclick: () => takeOut(segment, track) }, "Take out"),
    ),
  );
}

/** @param {Segment} segment */
function playFrom(segment) {
  store.seek(segment.at);
  store.play();
}

/**
 * @param {Segment} segment
 * @param {string} [track]
 */
const takeOut = (segment, track = "programme") =>
  store.edit([{ drop: { segment: matchOf(segment, track) } }]);

/** @param {Why} why */
function reasons(why) {
  const parts = [...(why.parts ?? [])].sort((a, b) => (b.weight ?? 0) * b.value - (a.weight ?? 0) * a.value);
  const section = make("section", {}, make("h2", {}, "Why it is in the film"));
  section.append(make("p", {}, ...code(why.text)));
  if (parts.length) {
    section.append(
      make(
        "div.bars",
        {},
        ...parts.map(({ name, value, weight }) =>
          bar(name, value, { weight, note: `rank among all moments: ${value.toFixed(2)}` }),
        ),
      ),
    );
    if (why.score !== null && why.score !== undefined)
      section.append(
        make(
          "p.total.numbers",
          {},
          make("span", {}, "score, the weighted mean"),
          make("strong", {}, why.score.toFixed(2)),
        ),
      );
  }
  return section;
}

/** @param {Why} why */
function said(why) {
  const words =
    typeof why.words === "string"
      ? why.words
      : /** @type {any[]} */ (why.words ?? []).map((w) => w.text).join(" ");
  return words.trim()
    ? make("section", {}, make("h2", {}, "What is said"), make("blockquote", {}, words))
    : make("span", { hidden: true });
}

/**
 * @param {Segment} segment
 * @param {Why} why
 * @param {Map<string, string>} names
 */
function instead(segment, why, names) {
  const cards = (/** @type {Moment[]} */ moments) =>
    make(
      "ul.moments",
      {},
      ...moments.map((moment) =>
        momentCard(moment, {
          names,
          action: "Use instead",
          does: (one) => replaceBy(segment, one),
        }),
      ),
    );
  const beaten = (why.beaten ?? []).filter((moment) => moment.id !== why.next?.id);
  return make(
    "section",
    {},
    make("h2", {}, "What would take its place"),
    why.next ? cards([why.next]) : make("p.hint", {}, "No other moment fits here."),
    beaten.length ? make("h2", {}, "What it beat") : null,
    beaten.length ? cards(beaten) : null,
  );
}

/**
 * @param {Segment} segment
 * @param {Moment} moment
 */
const replaceBy = (segment, moment) =>
  store.edit([
    { replace: { segment: matchOf(segment, "programme"), ...rangeOf(moment), ...labelOf(moment) } },
  ]);

/** @param {Moment} moment */
const rangeOf = ({ source, start, end }) => ({ source, start, end });

/** @param {State} state */
function empty(state) {
  const first = state.tracks.find((track) => track.role === "programme")?.segments[0];
  return nothing(
    "No segment is selected.",
    "Click one in the timeline, or a word of it in the transcript, to see why it is there and to change it.",
    ...(first ? [make("button", { onclick: () => store.select(first.id) }, "Select the first")] : []),
  );
}

customElements.define("panel-inspector", InspectorPanel);
