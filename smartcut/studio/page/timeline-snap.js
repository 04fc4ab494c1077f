/** What edges snap to, and what a cut there costs: copied or encoded. Plain numbers alone. */

import { inSource, paceOf } from "./edits.js";
import { numberOf } from "./numbers.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Segment} Segment */
/**
 * @typedef {object} Target
 * @property {number} time on the timeline, as the segment lies now
 * @property {"word"|"shot"|"beat"|"key frame"|"playhead"|"mark"|"cut"} kind
 * @property {string} label
 */
/** @typedef {{kind: "copy"|"encode", frames: number, text: string}} Cost */
/** @typedef {{source: string, words: {text: string, start: string|number, end: string|number}[]}[]} Transcript */

/** Where several are equally near, the first of these is taken. */
const ORDER = ["playhead", "mark", "word", "shot", "cut", "beat", "key frame"];

/**
 * What an edge of a segment can snap to: of its source within its reach, and of the timeline.
 * @param {object} about
 * @param {State} about.state
 * @param {Segment} about.segment
 * @param {"start"|"end"} about.side
 * @param {Transcript} about.transcript
 * @param {number} about.playhead
 * @param {{in: number|null, out: number|null}} about.range
 * @returns {Target[]}
 */
export function edgeTargets({ state, segment, side, transcript, playhead, range }) {
  const pace = paceOf(segment);
  const onTimeline = (/** @type {number} */ time) => segment.at + (time - numberOf(segment.start)) / pace;
  const markers = state.markers[segment.source ?? ""] ?? { shots: [], beats: [], keyframes: [] };
  const words = transcript.find((one) => one.source === segment.source)?.words ?? [];
  /** @type {Target[]} */
  const found = [
    ...words.map((word) => ({
      time: onTimeline(numberOf(side === "start" ? word.start : word.end)),
      kind: /** @type {const} */ ("word"),
      label: word.text,
    })),
    ...markers.shots.map((time) => ({
      time: onTimeline(time),
      kind: /** @type {const} */ ("shot"),
      label: "",
    })),
    ...markers.beats.map((time) => ({
      time: onTimeline(time),
      kind: /** @type {const} */ ("beat"),
      label: "",
    })),
    ...markers.keyframes.map((time) => ({
      time: onTimeline(time),
      kind: /** @type {const} */ ("key frame"),
      label: "",
    })),
  ];
  const isInside = playhead > segment.at && playhead < segment.to + 1e-6;
  if (isInside || side === "end") found.push({ time: playhead, kind: "playhead", label: "" });
  if (side === "end") found.push(...musicBeats(state), ...marks(range));
  return found;
}

/**
 * What something above the programme, or a sound, can snap to when it is moved.
 * @param {State} state
 * @param {Segment} segment itself, to which it doesn't
 * @param {number} playhead
 * @param {{in: number|null, out: number|null}} range
 * @returns {Target[]}
 */
export function placeTargets(state, segment, playhead, range) {
  const cuts = state.tracks
    .flatMap((track) => track.segments)
    .filter((one) => one !== segment)
    .flatMap((one) => [one.at, one.to]);
  return [
    { time: 0, kind: "cut", label: "" },
    { time: playhead, kind: "playhead", label: "" },
    ...marks(range),
    ...cuts.map((time) => ({ time, kind: /** @type {const} */ ("cut"), label: "" })),
    ...state.words.map((word) => ({
      time: word.start,
      kind: /** @type {const} */ ("word"),
      label: word.text,
    })),
    ...musicBeats(state),
  ];
}

/** @param {{in: number|null, out: number|null}} range @returns {Target[]} */
function marks(range) {
  return [range.in, range.out].flatMap((time) =>
    time === null ? [] : [{ time, kind: /** @type {const} */ ("mark"), label: "" }],
  );
}

/** The beats of the music, where they are heard. @param {State} state @returns {Target[]} */
function musicBeats(state) {
  return state.tracks
    .filter((track) => track.kind === "sound")
    .flatMap((track) => track.segments)
    .flatMap((segment) =>
      (state.markers[segment.source ?? ""]?.beats ?? [])
        .map((time) => segment.at + (time - numberOf(segment.start)) / paceOf(segment))
        .filter((time) => time >= segment.at && time <= segment.to)
        .map((time) => ({ time, kind: /** @type {const} */ ("beat"), label: "" })),
    );
}

/**
 * The target that is nearest to a time, if one is near enough.
 * @param {Target[]} targets
 * @param {number} time
 * @param {number} reach seconds
 * @returns {Target|null}
 */
export function nearest(targets, time, reach) {
  let best = null;
  for (const target of targets) {
    const away = Math.abs(target.time - time);
    if (away > reach) continue;
    const before = best ? Math.abs(best.time - time) : Infinity;
    const isAsNear = best && Math.abs(away - before) < 1e-6;
    if (away < before - 1e-6 || (isAsNear && ORDER.indexOf(target.kind) < ORDER.indexOf(best?.kind ?? "")))
      best = target;
  }
  return best;
}

/**
 * The next target before or after a time.
 * @param {Target[]} targets
 * @param {number} time
 * @param {1|-1} way
 * @returns {Target|null}
 */
export function following(targets, time, way) {
  const beyond = targets.filter((one) => way * (one.time - time) > 1e-3);
  return beyond.sort((a, b) => way * (a.time - b.time))[0] ?? null;
}

/**
 * What a cut of a segment at a source time costs.
 * @param {State} state
 * @param {Segment} segment
 * @param {"start"|"end"} side
 * @param {number} time on the timeline, as the segment lies now
 * @returns {Cost|null} null where nothing of the segment is copied anyway
 */
export function costOf(state, segment, side, time) {
  const isCopied = state.spans.some(
    (span) => span.kind === "copy" && span.start < segment.to - 1e-3 && span.end > segment.at + 1e-3,
  );
  const keys = state.markers[segment.source ?? ""]?.keyframes ?? [];
  if (!isCopied || !keys.length) return null;
  if (side === "end") return { kind: "copy", frames: 0, text: "copied to its last frames" };
  const at = inSource(segment, time);
  const key = keys.find((one) => one >= at - 1e-3);
  const rate = numberOf(state.rate);
  const until = Math.min(key ?? Infinity, numberOf(segment.end));
  const frames = Math.round((until - at) * rate);
  if (frames === 0) return { kind: "copy", frames: 0, text: "copied: a key frame" };
  return {
    kind: "encode",
    frames,
    text: `${frames} frame${frames === 1 ? "" : "s"} encoded, to the next key frame`,
  };
}
