/** Where things lie on the timeline: lanes, pixels, ticks. Plain numbers alone. */

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./types.js").Segment} Segment */
/**
 * @typedef {object} Lane
 * @property {"ruler"|"above"|"programme"|"words"|"scores"|"spans"|"sound"} kind
 * @property {string} label
 * @property {number} top
 * @property {number} height
 * @property {Track|null} track
 */

export const MOST_ZOOM = 900;
const HEIGHTS = { ruler: 26, above: 30, programme: 96, words: 24, scores: 0, spans: 16, sound: 44 };
const SCORE_HEIGHT = 13;
const MOST_SCORES = 3;
const GAP = 3;
const MOST_FILM = 220;

/**
 * The names of scores, the commonest first, at most three.
 * @param {State} state
 */
export function scoreNames(state) {
  const counts = new Map();
  for (const track of state.tracks)
    for (const { scores } of track.segments)
      for (const name of Object.keys(scores ?? {})) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, MOST_SCORES);
}

/**
 * The lanes from top to bottom: what lies above is shown above. The film takes the room that is left.
 * @param {State} state
 * @param {number} [room] pixels for all of them
 * @returns {Lane[]}
 */
export function lanesOf(state, room = 0) {
  const [programme] = state.tracks.filter((track) => track.role === "programme");
  const above = state.tracks.filter((track) => track.kind === "picture" && track !== programme);
  const sounds = state.tracks.filter((track) => track.kind === "sound" && track.segments.length);
  const scores = scoreNames(state).length;
  /** @type {[Lane["kind"], string, Track|null][]} */
  const rows = [
    ["ruler", "", null],
    ...above
      .filter((track) => track.segments.length)
      .map((track) => /** @type {[Lane["kind"], string, Track|null]} */ (["above", title(track.role), track]))
      .reverse(),
    ["programme", "Film", programme ?? null],
    ["spans", "Copied", null],
    ...(state.words.length ? [/** @type {[Lane["kind"], string, null]} */ (["words", "Words", null])] : []),
    ...(scores ? [/** @type {[Lane["kind"], string, null]} */ (["scores", "Scores", null])] : []),
    ...sounds.map(
      (track) => /** @type {[Lane["kind"], string, Track|null]} */ (["sound", title(track.role), track]),
    ),
  ];
  const usual = (/** @type {Lane["kind"]} */ kind) =>
    kind === "scores" ? scores * SCORE_HEIGHT + 4 : HEIGHTS[kind];
  const left = room - rows.reduce((sum, [kind]) => sum + usual(kind) + GAP, 0);
  const more = Math.min(Math.max(0, left), MOST_FILM - HEIGHTS.programme);
  let top = 0;
  return rows.map(([kind, label, track]) => {
    const height = usual(kind) + (kind === "programme" ? more : 0);
    const lane = { kind, label, track, top, height };
    top += height + GAP;
    return lane;
  });
}

/** @param {string} role */
function title(role) {
  return role.charAt(0).toUpperCase() + role.slice(1);
}

/**
 * The zoom, in pixels a second, at which a film fills a width.
 * @param {number} duration
 * @param {number} width
 */
export function fitting(duration, width) {
  return duration > 0 ? Math.max(0.05, (width - 24) / duration) : 40;
}

/**
 * A zoom within what makes sense: not smaller than the whole film, not larger than some frames.
 * @param {number} zoom
 * @param {number} duration
 * @param {number} width
 */
export function within(zoom, duration, width) {
  const least = fitting(duration, width);
  return Math.min(Math.max(zoom, Math.min(least, MOST_ZOOM)), MOST_ZOOM);
}

/**
 * Where to scroll to so that a time stays where it is on the screen while the zoom changes.
 * @param {number} time
 * @param {number} x of it, from the left of what is seen
 * @param {number} zoom the new one
 */
export function scrollFor(time, x, zoom) {
  return Math.max(0, time * zoom - x);
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/**
 * The ticks of the ruler: large ones with a label, small ones between.
 * @param {number} zoom
 * @param {number} from seconds
 * @param {number} to
 * @returns {{time: number, isLarge: boolean, step: number}[]}
 */
export function ticks(zoom, from, to) {
  const step = STEPS.find((one) => one * zoom >= 74) ?? STEPS[STEPS.length - 1];
  const parts = step * zoom > 300 ? 10 : 5;
  const small = step / parts;
  const found = [];
  for (let i = Math.max(0, Math.floor(from / small)); i * small <= to; i++)
    found.push({ time: i * small, isLarge: i % parts === 0, step });
  return found;
}

/**
 * Those of some things in order of time that are seen between two times.
 * @template {{start: number, end: number}} T
 * @param {T[]} things in order
 * @param {number} from
 * @param {number} to
 * @returns {T[]}
 */
export function seen(things, from, to) {
  return things.filter((one) => one.end >= from && one.start <= to);
}

/**
 * The place of the last number that is not above a value; -1 where there is none.
 * @param {ArrayLike<number>} numbers in order
 * @param {number} value
 */
export function lastAt(numbers, value) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value + 1e-9) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The loudest of the peaks within a stretch of a source, 0..1.
 * @param {Uint8Array} peaks a hundred a second
 * @param {number} from seconds
 * @param {number} to
 */
export function loudest(peaks, from, to) {
  let most = 0;
  const last = Math.min(peaks.length - 1, Math.max(Math.floor(from * 100), Math.ceil(to * 100) - 1));
  for (let i = Math.max(0, Math.floor(from * 100)); i <= last; i++) if (peaks[i] > most) most = peaks[i];
  return most / 255;
}
