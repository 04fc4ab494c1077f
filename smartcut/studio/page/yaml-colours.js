/** A text of YAML in parts, each of one kind, for its colours. What is not known stays plain. */
import { make } from "./elements.js";

/** @typedef {"comment" | "key" | "sign" | "string" | "number" | "word" | "place" | "plain"} PartKind */

/** In the order in which they are tried where a part begins. @type {[PartKind, RegExp][]} */
const KINDS = [
  ["comment", /(?:^|(?<=\s))#.*$/y],
  ["place", /\$\{\w+\}/y],
  ["key", /(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w.-]+)(?=\s*:(?:\s|$))/y],
  ["string", /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y],
  ["sign", /[[\]{},:|>]|-(?=\s)/y],
  ["number", /[+-]?\d[\d.:/]*(?:ms|s|m|h|f|%)?(?![\w-])/y],
  ["word", /(?:true|false|null|yes|no|~)(?![\w-])/y],
  ["plain", /[^\s#"'[\]{},:$]+|\s+|./y],
];

/**
 * The parts of a line, which together are all of it.
 * @param {string} line
 * @returns {{kind: PartKind, text: string}[]}
 */
export function partsOf(line) {
  /** @type {{kind: PartKind, text: string}[]} */
  const parts = [];
  for (let at = 0; at < line.length; ) {
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at;
      const text = pattern.exec(line)?.[0];
      if (!text) continue;
      parts.push({ kind, text });
      at += text.length;
      break;
    }
  }
  return parts;
}

/**
 * A line as elements.
 * @param {string} line
 */
export const coloured = (line) =>
  make(
    "div",
    {},
    ...partsOf(line).map(({ kind, text }) => (kind === "plain" ? text : make(`span.yaml-${kind}`, {}, text))),
  );
