/** Words brought back into the film: what struck them is taken back; only what no edit struck is put in. */
import { numberOf } from "./numbers.js";
import { ranges } from "./words.js";

/**
 * @typedef {import("./words.js").Word} Word
 * @typedef {import("./types.js").Edit} Edit
 * @typedef {{source: string, start: number, end: number}} Stretch
 */

/**
 * How chosen words come back: edits that struck them get smaller or go, and the rest is kept.
 * @param {Word[]} words
 * @param {Iterable<number>} chosen
 * @param {Edit[]} edits that were made
 * @returns {{amended: {number: number, edit: Edit | null}[], added: Edit[]}} `amended` from the last to the first
 */
export function broughtBack(words, chosen, edits) {
  const wanted = new Set([...chosen].filter((number) => !words[number].kept));
  /** @type {Set<number>} words that an edit struck */
  const struck = new Set();
  const amended = [];
  /** @type {Edit[]} */
  const added = [];
  for (const [number, edit] of edits.entries()) {
    const { drop } = edit;
    if (!drop?.source) continue;
    const inside = words.flatMap((word, n) => (isInside(word, drop) ? [n] : []));
    const back = inside.filter((n) => wanted.has(n));
    if (!back.length) continue;
    for (const n of back) struck.add(n);
    const rest = left(words, drop, back, inside).map((stretch) => ({ drop: { ...drop, ...stretch } }));
    amended.unshift({ number, edit: rest[0] ?? null });
    added.push(...rest.slice(1));
  }
  const others = [...wanted].filter((number) => !struck.has(number));
  return { amended, added: [...added, ...ranges(words, others).map((keep) => ({ keep }))] };
}

/**
 * What of a struck stretch still holds words that stay struck.
 * @param {Word[]} words
 * @param {{start: number | string, end: number | string}} drop
 * @param {number[]} back
 * @param {number[]} inside all words of the stretch
 */
function left(words, drop, back, inside) {
  /** @type {{start: number | string, end: number | string}[]} */
  const parts = [];
  let from = drop.start;
  for (const { start, end } of ranges(words, back)) {
    parts.push({ start: from, end: start });
    from = end;
  }
  parts.push({ start: from, end: drop.end });
  return parts.filter((part) =>
    inside.some((n) => !back.includes(n) && isInside(words[n], { ...drop, ...part })),
  );
}

/**
 * @param {Word} word
 * @param {{source?: string, start: number | string, end: number | string}} stretch
 */
function isInside({ source, start, end }, stretch) {
  const middle = (start + end) / 2;
  return source === stretch.source && numberOf(stretch.start) <= middle && middle < numberOf(stretch.end);
}
