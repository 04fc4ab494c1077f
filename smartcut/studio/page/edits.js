/** From what a person does to edits in the server's language. Times of sources are exact texts. */

import { numberOf, onFrames } from "./numbers.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Edit} Edit */

const PROGRAMME = "programme";

/**
 * How an edit names a segment: its id, and what it shows, for when the id is no more.
 * @param {Segment} segment
 * @param {string} role of its track
 */
export function matchOf(segment, role) {
  const { id, source, start, end, text } = segment;
  const match = { id, source, start, end, ...(typeof text === "string" ? { text } : {}) };
  return role === PROGRAMME ? match : { ...match, track: role };
}

/**
 * Source seconds for each second of the timeline.
 * @param {Segment} segment
 */
export function paceOf(segment) {
  const shown = segment.to - segment.at;
  return shown > 0 ? (numberOf(segment.end) - numberOf(segment.start)) / shown : 1;
}

/**
 * @param {Segment} segment
 * @param {number} time on the timeline
 */
export function inSource(segment, time) {
  return numberOf(segment.start) + (time - segment.at) * paceOf(segment);
}

/**
 * Whether a segment is drawn, held or a gap: how long it lasts is free, and its source has no more to show.
 * @param {State} state
 * @param {Segment} segment
 */
export function isFree(state, segment) {
  const source = state.sources.find((one) => one.id === segment.source);
  return !source || numberOf(segment.end) === numberOf(segment.start);
}

/**
 * Has a segment begin or end elsewhere.
 * @param {State} state
 * @param {Track} track
 * @param {Segment} segment
 * @param {"start"|"end"} side
 * @param {number} seconds that the edge moves, on the timeline
 * @returns {Edit|null} null where nothing would be left, or nothing changes
 */
export function trim(state, track, segment, side, seconds) {
  if (Math.abs(seconds) < 1e-6) return null;
  const match = matchOf(segment, track.role);
  const lasts = segment.to - segment.at + (side === "start" ? -seconds : seconds);
  if (lasts <= 1e-3) return null;
  if (isFree(state, segment)) {
    const at = onFrames(segment.at + (side === "start" ? seconds : 0), state.rate);
    const duration = onFrames(lasts, state.rate);
    return {
      set: track.role === PROGRAMME ? { segment: match, duration } : { segment: match, at, duration },
    };
  }
  const edge = numberOf(segment[side]) + seconds * paceOf(segment);
  return { trim: { segment: match, [side]: onFrames(Math.max(0, edge), state.rate) } };
}

/**
 * Divides a segment at a time of the timeline.
 * @param {State} state
 * @param {Track} track
 * @param {Segment} segment
 * @param {number} time
 * @returns {Edit|null}
 */
export function split(state, track, segment, time) {
  const margin = 0.5 / numberOf(state.rate);
  if (time < segment.at + margin || time > segment.to - margin) return null;
  return {
    split: { segment: matchOf(segment, track.role), at: onFrames(inSource(segment, time), state.rate) },
  };
}

/**
 * Takes a segment out.
 * @param {Track} track
 * @param {Segment} segment
 * @returns {Edit}
 */
export function remove(track, segment) {
  return { drop: { segment: matchOf(segment, track.role) } };
}

/**
 * Takes a range of the timeline out of the programme: a range of each source that it shows.
 * @param {State} state
 * @param {number} from
 * @param {number} to
 * @returns {Edit[]}
 */
export function removeRange(state, from, to) {
  const programme = state.tracks.find((track) => track.role === PROGRAMME);
  return (programme?.segments ?? []).flatMap((segment) => {
    const [a, b] = [Math.max(from, segment.at), Math.min(to, segment.to)];
    if (b - a < 1e-3 || segment.source === null) return [];
    const [start, end] = [a, b].map((time) => onFrames(inSource(segment, time), state.rate));
    return [{ drop: { source: segment.source, start, end } }];
  });
}

/**
 * Puts a segment of the programme at another place in the order.
 * @param {Track} track
 * @param {Segment} segment
 * @param {number} place 0 is first, counted without the segment itself
 * @returns {Edit|null}
 */
export function move(track, segment, place) {
  const others = track.segments.filter((one) => one !== segment);
  if (place === track.segments.indexOf(segment)) return null;
  const before = others[Math.min(place, others.length) - 1];
  return {
    move: { segment: matchOf(segment, track.role), after: before ? matchOf(before, track.role) : "start" },
  };
}

/**
 * Has something above the programme, or a sound, begin elsewhere.
 * @param {State} state
 * @param {Track} track
 * @param {Segment} segment
 * @param {number} at
 * @returns {Edit}
 */
export function shift(state, track, segment, at) {
  return { set: { segment: matchOf(segment, track.role), at: onFrames(Math.max(0, at), state.rate) } };
}

/**
 * Has something lie elsewhere in the picture, or be larger or smaller there.
 * @param {Track} track
 * @param {Segment} segment
 * @param {import("./types.js").PlacedBox} before
 * @param {{x: number, y: number, w: number, h: number}} box in shares of the frame
 * @returns {Edit|null} null where nothing changes
 */
export function place(track, segment, before, box) {
  const near = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 5e-5;
  const isMoved = !near(box.x, before.x) || !near(box.y, before.y);
  const isSized = !near(box.w, before.w);
  const exact = (/** @type {number} */ value) => Math.round(value * 1e4) / 1e4;
  const middle = { x: exact(box.x - before.home_x + 0.5), y: exact(box.y - before.home_y + 0.5) };
  const size = isSized ? { width: exact(box.w), height: exact(box.h) } : {};
  return isMoved || isSized ? { set: { segment: matchOf(segment, track.role), ...middle, ...size } } : null;
}

/**
 * Adds a title.
 * @param {State} state
 * @param {string} text
 * @param {number} at
 * @returns {Edit}
 */
export function title(state, text, at) {
  const lasts = Math.min(3, state.duration - at);
  return { add: { title: { text, at: onFrames(at, state.rate), duration: onFrames(lasts, state.rate) } } };
}

/**
 * The place in the order to which a segment is dragged: before the first that has its middle behind the time.
 * @param {Track} track
 * @param {Segment} segment
 * @param {number} time
 */
export function placeAt(track, segment, time) {
  const others = track.segments.filter((one) => one !== segment);
  return others.filter((one) => (one.at + one.to) / 2 < time).length;
}
