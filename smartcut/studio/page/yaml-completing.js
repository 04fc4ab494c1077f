/** What could be written where the cursor stands in a pipeline: stages, their settings, what those take. */
import { fieldsOf, stagesOf } from "./schema.js";

/**
 * @typedef {{text: string, about: string}} Completion
 * @typedef {{from: number, items: Completion[]}} Completions `from` is where the word begins
 */

const TOP = ["description", "params", "inputs", "parts", "stages", "edits", "expect", "output"];
const MOST = 12;

/**
 * @param {string} text
 * @param {number} caret
 * @param {import("./schema.js").Schema} schema
 * @returns {Completions | null}
 */
export function completions(text, caret, schema) {
  const lines = text.slice(0, caret).split("\n");
  const line = lines.pop() ?? "";
  const word = /[\w-]*$/.exec(line)?.[0] ?? "";
  const before = line.slice(0, line.length - word.length);
  if (/(^|\s)#/.test(before)) return null;
  const known = candidates(before, lines, schema);
  const items = known.filter((one) => one.text.startsWith(word) && one.text !== word).slice(0, MOST);
  return items.length ? { from: caret - word.length, items } : null;
}

/**
 * @param {string} before what stands before the word in its line
 * @param {string[]} above
 * @param {import("./schema.js").Schema} schema
 * @returns {Completion[]}
 */
function candidates(before, above, schema) {
  if (before === "") return TOP.map((key) => ({ text: key, about: "" }));
  if (/^\s*-\s+$/.test(before) && keyAbove(above, depthOf(before)) === "stages")
    return stagesOf(schema).map(({ name, about }) => ({ text: name, about }));
  const inFlow = /^\s*-\s+([\w-]+):\s*\{(.*)$/.exec(before);
  if (inFlow) return inMapping(schema, inFlow[1], inFlow[2].split(",").at(-1) ?? "");
  if (/^\s+([\w-]+:\s+)?$/.test(before)) {
    const stage = stageAbove(above, depthOf(before));
    if (stage) return inMapping(schema, stage, before);
  }
  return [];
}

/**
 * Settings of a stage, or what one of them takes where its name is written already.
 * @param {import("./schema.js").Schema} schema
 * @param {string} stage
 * @param {string} written of this setting
 * @returns {Completion[]}
 */
function inMapping(schema, stage, written) {
  const fields = fieldsOf(schema, stage);
  const name = /^\s*([\w-]+):\s+$/.exec(written)?.[1];
  if (!name)
    return /^\s*$/.test(written) ? fields.map(({ name, help }) => ({ text: name, about: help })) : [];
  const field = fields.find((one) => one.name === name);
  const all = field ? [field, ...field.variants] : [];
  const choices = all.flatMap((one) => (one.kind === "truth" ? [true, false] : one.choices));
  return choices.map((choice) => ({ text: String(choice), about: "" }));
}

/** @param {string} line */
const depthOf = (line) => /^\s*/.exec(line)?.[0].length ?? 0;

/**
 * The key below which a list at that depth stands.
 * @param {string[]} above
 * @param {number} depth
 */
function keyAbove(above, depth) {
  for (const line of above.toReversed()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const isItem = /^\s*-\s/.test(line);
    if (depthOf(line) > depth || (isItem && depthOf(line) === depth)) continue;
    return /^\s*(?:-\s+)?([\w-]+):\s*(#.*)?$/.exec(line)?.[1] ?? "";
  }
  return "";
}

/**
 * The stage whose settings stand at that depth, one below the other.
 * @param {string[]} above
 * @param {number} depth
 */
function stageAbove(above, depth) {
  const number = above.findLastIndex((line) => !/^\s*(#|$)/.test(line) && depthOf(line) < depth);
  const found = /^(\s*)-\s+([\w-]+):\s*(#.*)?$/.exec(above[number] ?? "");
  if (!found) return "";
  return keyAbove(above.slice(0, number), found[1].length) === "stages" ? found[2] : "";
}
