/** The stages in a pipeline's text: changed, added, removed, moved; comments and layout stay. */
import { flow, scalar } from "./yaml-values.js";

/**
 * A stage as it stands in the text: `line` counts from 1.
 * @typedef {{name: string, params: unknown, line: number}} StagePlace
 * @typedef {Record<string, unknown>} Params
 */

/** A stage's settings stand on one line up to so many characters. */
const WIDTH = 88;

/**
 * The lines of a stage that is written anew.
 * @param {string} name
 * @param {unknown} params a mapping, the short form's value, or null
 * @param {string} [indent]
 * @returns {string[]}
 */
export function stageLines(name, params, indent = "  ") {
  const isMapping = params !== null && typeof params === "object" && !Array.isArray(params);
  if (params === null || params === undefined || (isMapping && !Object.keys(params).length)) {
    return [`${indent}- ${name}`];
  }
  const line = `${indent}- ${name}: ${flow(params)}`;
  if (!isMapping || line.length <= WIDTH) return [line];
  return [
    `${indent}- ${name}:`,
    ...Object.entries(params).flatMap(([key, value]) => entryLines(key, value, `${indent}    `)),
  ];
}

/**
 * @param {string} key
 * @param {unknown} value
 * @param {string} indent
 * @returns {string[]}
 */
function entryLines(key, value, indent) {
  const line = `${indent}${scalar(key)}: ${flow(value)}`;
  if (line.length <= WIDTH || value === null || typeof value !== "object") return [line];
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => `${inner}- ${flow(item)}`)
    : Object.entries(value).flatMap(([k, item]) => entryLines(k, item, inner));
  return items.length ? [`${indent}${scalar(key)}:`, ...items] : [line];
}

/**
 * The text with other settings of one stage; what did not change keeps its lines and comments.
 * @param {string} text
 * @param {StagePlace[]} stages
 * @param {number} number
 * @param {unknown} params
 */
export function withParams(text, stages, number, params) {
  const { lines, spans, indent } = laidOut(text, stages);
  const { from, to } = spans[number];
  const before = stages[number].params;
  const own = lines.slice(from, to);
  const changed =
    isParams(before) && isParams(params) && isBlock(own, stages[number].name)
      ? changedEntries(own, before, params)
      : null;
  const fresh = changed ?? withComment(stageLines(stages[number].name, params, indent), own[0]);
  lines.splice(from, to - from, ...fresh);
  return lines.join("\n");
}

/**
 * The text with one more stage, at a place among the others.
 * @param {string} text
 * @param {StagePlace[]} stages
 * @param {number} number 0 puts it first
 * @param {string} name
 * @param {unknown} [params]
 */
export function withStage(text, stages, number, name, params = null) {
  const { lines, spans, indent } = laidOut(text, stages);
  const place = number < spans.length ? spans[number].head : (spans.at(-1)?.to ?? lines.length);
  lines.splice(place, 0, ...stageLines(name, params, indent));
  return lines.join("\n");
}

/**
 * The text without a stage and the comment lines right above it.
 * @param {string} text
 * @param {StagePlace[]} stages
 * @param {number} number
 */
export function withoutStage(text, stages, number) {
  const { lines, spans } = laidOut(text, stages);
  const { head, to } = spans[number];
  lines.splice(head, to - head);
  return lines.join("\n");
}

/**
 * The text with a stage at another place; comment lines right above it go along.
 * @param {string} text
 * @param {StagePlace[]} stages
 * @param {number} number
 * @param {number} place its number afterwards
 */
export function withStageAt(text, stages, number, place) {
  const { lines, spans } = laidOut(text, stages);
  const blocks = spans.map(({ head, to }) => lines.slice(head, to));
  const gaps = spans.map(({ to }, i) => lines.slice(to, spans[i + 1]?.head ?? to));
  const [moved] = blocks.splice(number, 1);
  blocks.splice(place, 0, moved);
  const fresh = blocks.flatMap((block, i) => [...block, ...gaps[i]]);
  const from = spans[0].head;
  lines.splice(from, (spans.at(-1)?.to ?? from) - from, ...fresh);
  return lines.join("\n");
}

/**
 * The text with other values of a mapping at its top, such as `params`.
 * @param {string} text
 * @param {string} key
 * @param {Params} before
 * @param {Params} after
 */
export function withTop(text, key, before, after) {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => new RegExp(`^${key}\\s*:`).test(line));
  if (from < 0) return text;
  const to = endOf(lines, from, lines.length, "");
  const own = lines.slice(from, to);
  const isBlock = own.length > 1 && /:\s*(#.*)?$/.test(own[0]);
  const changed = isBlock ? changedEntries(own, before, after) : null;
  lines.splice(from, to - from, ...(changed ?? withComment([`${key}: ${flow(after)}`], own[0])));
  return lines.join("\n");
}

/**
 * Lines of the text and of each stage: `head` with the comments above, `from` and `to` its own.
 * Stages that do not each begin a line of their own are written anew first.
 * @param {string} text
 * @param {StagePlace[]} stages
 */
function laidOut(text, stages) {
  let lines = text.split("\n");
  let places = stages.map((stage) => stage.line - 1);
  if (!isListed(text, stages)) ({ lines, places } = asList(lines, stages));
  const indent = /^(\s*)- /.exec(lines[places[0]] ?? "")?.[1] ?? "  ";
  const spans = places.map((from, i) => {
    const to = endOf(lines, from, places[i + 1] ?? lines.length, indent);
    let head = from;
    while (head > 0 && lines[head - 1].startsWith(`${indent}#`)) head--;
    return { head, from, to };
  });
  return { lines, spans, indent };
}

/**
 * Whether each stage begins a line of its own, as those of a part have to, to be changed here.
 * @param {string} text
 * @param {StagePlace[]} stages
 */
export function isListed(text, stages) {
  const lines = text.split("\n");
  const places = stages.map((stage) => stage.line - 1);
  const begins = places.map((line) => /^(\s*)- /.exec(lines[line] ?? "")?.[1]);
  const isOwn = (/** @type {number} */ i) =>
    begins[i] !== undefined && begins[i] === begins[0] && places[i] !== places[i - 1];
  return stages.length > 0 && stages.every((_, i) => isOwn(i));
}

/**
 * @param {string[]} lines
 * @param {StagePlace[]} stages
 */
function asList(lines, stages) {
  const found = lines.findIndex((line) => /^stages\s*:/.test(line));
  const at = found < 0 ? lines.length : found;
  let end = found < 0 ? at : at + 1;
  while (found >= 0 && end < lines.length && !/^[^\s#\]}-]/.test(lines[end])) end++;
  while (end > at + 1 && /^\s*(#.*)?$/.test(lines[end - 1])) end--;
  const fresh = ["stages:"];
  const places = stages.map((stage) => {
    const line = at + fresh.length;
    fresh.push(...stageLines(stage.name, stage.params));
    return line;
  });
  return { lines: [...lines.slice(0, at), ...fresh, ...lines.slice(end)], places };
}

/**
 * The line after a stage's last one; blank lines and comments that stand less deep are not its own.
 * @param {string[]} lines
 * @param {number} from
 * @param {number} limit
 * @param {string} indent
 */
function endOf(lines, from, limit, indent) {
  let end = from + 1;
  for (let at = from + 1; at < limit; at++) {
    if (/^\s*$/.test(lines[at])) continue;
    const depth = /^\s*/.exec(lines[at])?.[0].length ?? 0;
    if (depth <= indent.length) {
      if (lines[at].trimStart().startsWith("#")) continue;
      break;
    }
    end = at + 1;
  }
  return end;
}

/**
 * @param {unknown} value
 * @returns {value is Params}
 */
const isParams = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * @param {string[]} own
 * @param {string} name
 */
const isBlock = (own, name) =>
  own.length > 1 && new RegExp(`^\\s*- ["']?${name}["']?\\s*:\\s*(#.*)?$`).test(own[0]);

/**
 * The lines of a stage whose settings stand one below the other, with other settings.
 * @param {string[]} own
 * @param {Params} before
 * @param {Params} after
 * @returns {string[] | null} null where the lines are laid out in another way
 */
function changedEntries(own, before, after) {
  const indent = /^\s*/.exec(own.find((line, i) => i > 0 && !/^\s*(#|$)/.test(line)) ?? "")?.[0] ?? "";
  const entry = new RegExp(`^${indent}(?:"([^"]*)"|'([^']*)'|([^\\s#'"][^:]*?))\\s*:(?=\\s|$)`);
  /** @type {{key: string | null, lines: string[]}[]} */
  const blocks = [{ key: null, lines: [own[0]] }];
  for (const line of own.slice(1)) {
    const match = entry.exec(line);
    if (match) blocks.push({ key: match[1] ?? match[2] ?? match[3], lines: [line] });
    else blocks[blocks.length - 1].lines.push(line);
  }
  const written = blocks.flatMap(({ key }) => (key === null ? [] : [key]));
  if (JSON.stringify(written) !== JSON.stringify(Object.keys(before))) return null;
  const kept = blocks.filter(({ key }) => key === null || key in after);
  if (kept.length === 1 && !Object.keys(after).length)
    return [own[0].replace(/:\s*$/, "").replace(/:(\s*#)/, "$1")];
  const fresh = Object.keys(after).filter((key) => !(key in before));
  return [
    ...kept.flatMap(({ key, lines }) => {
      if (key === null || JSON.stringify(before[key]) === JSON.stringify(after[key])) return lines;
      return withComment(entryLines(key, after[key], indent), lines[0]);
    }),
    ...fresh.flatMap((key) => entryLines(key, after[key], indent)),
  ];
}

/**
 * The lines with the comment that stood at the end of the old first line.
 * @param {string[]} fresh
 * @param {string} old
 */
function withComment(fresh, old) {
  const comment = commentOf(old);
  return comment ? [`${fresh[0]}  ${comment}`, ...fresh.slice(1)] : fresh;
}

/** @param {string} line */
function commentOf(line) {
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const sign = line[i];
    if (quote) {
      if (sign === "\\" && quote === '"') i++;
      else if (sign === quote) quote = "";
    } else if ((sign === '"' || sign === "'") && /[\s[{,:]/.test(line[i - 1] ?? " ")) quote = sign;
    else if (sign === "#" && /\s/.test(line[i - 1] ?? " ")) return line.slice(i);
  }
  return "";
}
