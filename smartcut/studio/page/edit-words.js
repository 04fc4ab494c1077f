/** Edits as sentences, and edits pointed at another segment. */
import { matchOf } from "./edits.js";
import { clock, numberOf } from "./numbers.js";

/**
 * @typedef {import("./types.js").Edit} Edit
 * @typedef {import("./types.js").Segment} Segment
 */

/**
 * The operation of an edit and what it says: an edit is an object with one key.
 * @param {Edit} edit
 * @returns {[string, any]}
 */
export function operation(edit) {
  const [kind = "", body = {}] = Object.entries(edit)[0] ?? [];
  return [kind, body ?? {}];
}

/** @type {Record<string, string>} */
export const titles = {
  drop: "Taken out",
  keep: "Put in",
  trim: "Trimmed",
  split: "Split",
  move: "Moved",
  replace: "Replaced",
  set: "Changed",
  add: "Added",
};

/**
 * What an edit does, in words: its title, and the rest.
 * @param {Edit} edit
 * @param {Map<string, string>} names of sources
 * @returns {{title: string, text: string, why: string}}
 */
export function described(edit, names) {
  const [kind, body] = operation(edit);
  const title = titles[kind] ?? kind;
  const text = {
    drop: dropped,
    keep: kept,
    trim: trimmed,
    split,
    move: moved,
    replace: replaced,
    set: changed,
    add: added,
  }[kind];
  return { title, text: text ? text(body, names) : JSON.stringify(body), why: body.why ?? "" };
}

/**
 * "0:12.4 – 0:15.2 of talk.mp4"
 * @param {any} range
 * @param {Map<string, string>} names
 */
export function place(range, names) {
  if (!range || typeof range !== "object") return "a segment";
  if (range.text) return `“${range.text}”`;
  const { source, start, end } = range;
  const times = `${clock(numberOf(start), 1)} – ${clock(numberOf(end), 1)}`;
  return source ? `${times} of ${names.get(source) ?? source}` : times;
}

/** @typedef {(body: any, names: Map<string, string>) => string} Told */

/** @type {Told} */
const after = (body, names) => {
  if (body.after === undefined || body.after === null) return "";
  return typeof body.after === "string" ? `, to the ${body.after}` : `, after ${place(body.after, names)}`;
};
/** @type {Told} */
const dropped = (body, names) => place(body.segment ?? body, names);
/** @type {Told} */
const kept = (body, names) => place(body, names) + after(body, names);
/** @type {Told} */
const moved = (body, names) => place(body.segment, names) + after(body, names);
/** @type {Told} */
const split = (body, names) => `${place(body.segment, names)}, at ${clock(numberOf(body.at), 1)}`;
/** @type {Told} */
const replaced = (body, names) => `${place(body.segment, names)} by ${place(body, names)}`;
/** @type {Told} */
const trimmed = (body, names) => {
  const parts = [
    body.start === undefined ? "" : `begins at ${clock(numberOf(body.start), 2)}`,
    body.end === undefined ? "" : `ends at ${clock(numberOf(body.end), 2)}`,
  ];
  return `${place(body.segment, names)} ${parts.filter(Boolean).join(" and ")}`;
};
/** @type {Told} */
const changed = (body, names) => {
  const { segment, track, why: _why, was: _was, ...rest } = body;
  const parts = Object.entries(rest).map(([key, value]) => `${key} ${valueText(value)}`);
  return `${parts.join(", ")}: ${segment ? place(segment, names) : `the track “${track}”`}`;
};
/** @type {Told} */
const added = (body) => {
  const [stage, given] = Object.entries(body).find(([key]) => key !== "why") ?? ["", null];
  const { text, at } = /** @type {any} */ (given ?? {});
  return [stage, text ? `“${text}”` : "", at === undefined ? "" : `at ${valueText(at)}`]
    .filter(Boolean)
    .join(" ");
};

/** @param {unknown} value */
function valueText(value) {
  if (value === null) return "none";
  if (value && typeof value === "object") {
    return Object.values(value).map(String).join(" ");
  }
  return typeof value === "string" ? `“${value}”` : String(value);
}

/**
 * The same edit for another segment: trims are as far into it as they were into the old one.
 * @param {Edit} edit
 * @param {Segment} segment
 * @param {string} [track] its role
 * @returns {Edit | null} null where the edit is about no segment
 */
export function pointedAt(edit, segment, track = "programme") {
  const [kind, body] = operation(edit);
  const match = matchOf(segment, track);
  if (kind === "drop") return { drop: { segment: match, ...(body.why ? { why: body.why } : {}) } };
  if (kind === "keep") return { keep: { ...body, after: match } };
  if (!("segment" in body)) return null;
  if (kind === "trim" || kind === "split") return { [kind]: { ...shifted(body, segment), segment: match } };
  return { [kind]: { ...body, segment: match } };
}

/**
 * Times of an edit as far into the new segment as they were in the old one, and inside of it.
 * @param {any} body
 * @param {Segment} segment
 */
function shifted(body, segment) {
  const from = numberOf(segment.start);
  const until = numberOf(segment.end);
  const step = from - numberOf(body.segment?.start ?? segment.start);
  const moved = { ...body };
  for (const key of ["start", "end", "at"]) {
    if (body[key] === undefined) continue;
    const time = Math.min(until, Math.max(from, numberOf(body[key]) + step));
    moved[key] = Math.round(time * 1000) / 1000;
  }
  return moved;
}
