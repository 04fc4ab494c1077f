/** Arithmetic of playing: speeds of the shuttle, loops, edges to jump to. */

const SPEEDS = [1, 2, 4, 8];

/**
 * The next speed of J or L: each press doubles it, the other key begins anew.
 * @param {number} rate now; negative is backwards, 0 stands still
 * @param {1|-1} way
 */
export function shuttle(rate, way) {
  if (Math.sign(rate) !== way) return way;
  const place = SPEEDS.findIndex((speed) => speed > Math.abs(rate));
  return way * (place < 0 ? SPEEDS[SPEEDS.length - 1] : SPEEDS[place]);
}

/**
 * The range that is repeated: what is marked, else the selected segment, else the whole film.
 * @param {{in: number|null, out: number|null}} range
 * @param {{at: number, to: number}|null} segment
 * @param {number} duration
 * @returns {[number, number]}
 */
export function loopOf(range, segment, duration) {
  if (range.in !== null || range.out !== null) return [range.in ?? 0, range.out ?? duration];
  return segment ? [segment.at, segment.to] : [0, duration];
}

/**
 * The nearest cut before or after a time; the film's ends count.
 * @param {{at: number, to: number}[]} segments
 * @param {number} duration
 * @param {number} time
 * @param {1|-1} way
 */
export function nextEdge(segments, duration, time, way) {
  const edges = [0, duration, ...segments.flatMap((segment) => [segment.at, segment.to])];
  const beyond = edges.filter((edge) => (way > 0 ? edge > time + 1e-3 : edge < time - 1e-3));
  if (!beyond.length) return way > 0 ? duration : 0;
  return way > 0 ? Math.min(...beyond) : Math.max(...beyond);
}
