/** Two texts or two cuts compared: what went, what came, what stayed. */
import { numberOf } from "./numbers.js";

/**
 * @template T
 * @typedef {{kind: "same" | "gone" | "new", items: T[]}} Part
 */

/**
 * The shortest way from one list to another (Myers 1986), as runs of items.
 * @template T
 * @param {T[]} before
 * @param {T[]} after
 * @param {(item: T) => string} [key] items with the same key are the same
 * @returns {Part<T>[]}
 */
export function difference(before, after, key = String) {
  const a = before.map(key);
  const b = after.map(key);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  /** @type {Part<T>[]} */
  const parts = [];
  for (const item of after.slice(0, head)) push(parts, "same", item);
  const steps = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  for (const [kind, i] of steps) {
    if (kind === "gone") push(parts, kind, before[head + i]);
    else push(parts, kind, after[head + i]);
  }
  for (const item of after.slice(after.length - tail)) push(parts, "same", item);
  return parts;
}

/**
 * @template T
 * @param {Part<T>[]} parts
 * @param {Part<T>["kind"]} kind
 * @param {T} item
 */
function push(parts, kind, item) {
  const last = parts.at(-1);
  if (last?.kind === kind) last.items.push(item);
  else parts.push({ kind, items: [item] });
}

/** Lists that differ in more items than this are shown as replaced in whole. */
const MOST_STEPS = 1500;

/**
 * @param {string[]} a
 * @param {string[]} b
 * @returns {["same" | "gone" | "new", number][]} the number is a place in `a` where gone, else in `b`
 */
function shortest(a, b) {
  const most = a.length + b.length;
  const furthest = new Int32Array(2 * most + 3);
  /** @type {Int32Array[]} */
  const history = [];
  for (let depth = 0; depth <= Math.min(most, MOST_STEPS); depth++) {
    history.push(furthest.slice());
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && furthest[most + k] < furthest[most + k + 2]);
      let x = down ? furthest[most + k + 2] : furthest[most + k] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[most + k + 1] = x;
      if (x >= a.length && x - k >= b.length) return traced(history, a, b, most);
    }
  }
  return [
    ...a.map((_, i) => /** @type {["gone", number]} */ (["gone", i])),
    ...b.map((_, i) => /** @type {["new", number]} */ (["new", i])),
  ];
}

/**
 * @param {Int32Array[]} history
 * @param {string[]} a
 * @param {string[]} b
 * @param {number} most
 */
function traced(history, a, b, most) {
  /** @type {["same" | "gone" | "new", number][]} */
  const steps = [];
  let x = a.length;
  let y = b.length;
  for (let depth = history.length - 1; depth >= 0 && (x > 0 || y > 0); depth--) {
    const furthest = history[depth];
    const k = x - y;
    const down = k === -depth || (k !== depth && furthest[most + k] < furthest[most + k + 2]);
    const before = down ? k + 1 : k - 1;
    const fromX = furthest[most + before + 1];
    const fromY = fromX - before;
    while (x > 0 && y > 0 && x > fromX && y > fromY) {
      x--;
      y--;
      steps.push(["same", y]);
    }
    if (depth === 0) break;
    if (down) steps.push(["new", --y]);
    else steps.push(["gone", --x]);
  }
  return steps.reverse();
}

/**
 * @typedef {{id: string, source: string, start: number | string, end: number | string,
 *   at: number, to: number, label?: string}} Shown
 * @typedef {{kind: "same" | "changed" | "moved" | "replaced" | "gone" | "new", before: Shown | null,
 *   after: Shown | null}} Pair
 */

/**
 * The segments of two cuts side by side: each with what the other shows of the same source time.
 * @param {Shown[]} before
 * @param {Shown[]} after
 * @returns {Pair[]} in the order of `after`; what went stands where it was
 */
export function pairs(before, after) {
  const partner = partners(before, after);
  const moved = movedOnes(partner);
  /** @type {Pair[]} */
  const found = after.map((shown, number) => {
    const match = partner.indexOf(number);
    if (match < 0) return { kind: "new", before: null, after: shown };
    const kind = moved.has(number) ? "moved" : isSame(before[match], shown) ? "same" : "changed";
    return { kind, before: before[match], after: shown };
  });
  before.forEach((shown, number) => {
    if (partner[number] >= 0) return;
    const last = number > 0 ? found.findIndex((p) => p.before === before[number - 1]) : -1;
    found.splice(last + 1, 0, { kind: "gone", before: shown, after: null });
  });
  return exchanged(found);
}

/**
 * What went and what came in its place are one pair.
 * @param {Pair[]} found
 */
function exchanged(found) {
  return found.reduce((/** @type {Pair[]} */ all, pair) => {
    const last = all.at(-1);
    if (last?.kind === "gone" && pair.kind === "new") {
      all[all.length - 1] = { kind: "replaced", before: last.before, after: pair.after };
    } else all.push(pair);
    return all;
  }, []);
}

/**
 * For each of `before` the number of what shows most of the same source time; -1 for none.
 * @param {Shown[]} before
 * @param {Shown[]} after
 */
function partners(before, after) {
  const found = before.map(() => -1);
  const likely = before.flatMap((a, i) => after.map((b, j) => ({ i, j, shared: shared(a, b) })));
  likely.sort((p, q) => q.shared - p.shared || Math.abs(p.i - p.j) - Math.abs(q.i - q.j));
  for (const { i, j, shared } of likely) {
    if (shared > 0 && found[i] < 0 && !found.includes(j)) found[i] = j;
  }
  return found;
}

/**
 * @param {Shown} a
 * @param {Shown} b
 */
function shared(a, b) {
  if (a.source !== b.source) return 0;
  return Math.min(numberOf(a.end), numberOf(b.end)) - Math.max(numberOf(a.start), numberOf(b.start));
}

/**
 * @param {Shown} a
 * @param {Shown} b
 */
const isSame = (a, b) =>
  Math.abs(numberOf(a.start) - numberOf(b.start)) < 0.0005 &&
  Math.abs(numberOf(a.end) - numberOf(b.end)) < 0.0005;

/**
 * Those of `after` that do not stand in the order that most of them keep.
 * @param {number[]} partner
 */
function movedOnes(partner) {
  const order = partner.filter((number) => number >= 0);
  const longest = order.map(() => 1);
  const previous = order.map(() => -1);
  let best = -1;
  order.forEach((value, i) => {
    for (let j = 0; j < i; j++) {
      if (order[j] < value && longest[j] >= longest[i]) [longest[i], previous[i]] = [longest[j] + 1, j];
    }
    if (best < 0 || longest[i] > longest[best]) best = i;
  });
  const still = new Set();
  for (let i = best; i >= 0; i = previous[i]) still.add(order[i]);
  return new Set(order.filter((number) => !still.has(number)));
}
