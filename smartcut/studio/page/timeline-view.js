/** The part of the timeline that is seen, and where on the canvas things of it are. */

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */
/**
 * @typedef {object} View
 * @property {State} state
 * @property {Lane[]} lanes
 * @property {number} zoom pixels a second
 * @property {number} from seconds at the left edge
 * @property {number} to seconds at the right edge
 * @property {import("./timeline-media.js").TimelineMedia} media
 * @property {string|null} selected
 * @property {{in: number|null, out: number|null}} range
 * @property {Record<string, string>} colours by token
 */

/** @param {View} view @param {number} time */
export const x = (view, time) => (time - view.from) * view.zoom;

/**
 * The box of a segment on the screen.
 * @param {View} view
 * @param {Segment} segment
 */
export function boxOf(view, segment) {
  const left = Math.round(x(view, segment.at));
  return { left, width: Math.max(2, Math.round(x(view, segment.to)) - left - 1) };
}

/**
 * A text as far as there is room for it.
 * @param {CanvasRenderingContext2D} g
 * @param {string} text
 * @param {number} room pixels
 */
export function fitted(g, text, room) {
  if (g.measureText(text).width <= room) return text;
  let last = Math.min(text.length - 1, Math.floor(room / 5));
  while (last > 0 && g.measureText(`${text.slice(0, last)}…`).width > room) last--;
  return last > 0 ? `${text.slice(0, last)}…` : "";
}
