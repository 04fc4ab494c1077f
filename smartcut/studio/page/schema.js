/** The forms of stages out of the JSON Schema: each setting as a field with its kind and its limits. */
import { flow } from "./yaml-values.js";

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {"truth" | "choice" | "number" | "time" | "text" | "path" | "colour" | "object" | "map" | "either" | "value"} FieldKind
 * @typedef {object} Field
 * @property {string} name as in YAML
 * @property {string} label
 * @property {string} help
 * @property {FieldKind} kind
 * @property {unknown} standard the value where none is given; undefined where one has to be given
 * @property {boolean} nullable
 * @property {string} unit
 * @property {{low: number, high: number, isLowOpen: boolean, isHighOpen: boolean, isWhole: boolean}} range
 * @property {unknown[]} choices
 * @property {Field[]} fields of an object
 * @property {Field[]} variants where it may be one or the other
 * @property {string[]} known names that a map has already
 */

/** Names of settings that hold a colour. */
const COLOUR = /(^|_)(colour|color|outline|background)$/;
const UNITS = [
  [/\bdBTP\b/, "dBTP"],
  [/\bLUFS\b/, "LUFS"],
  [/^dB\b|\bin dB\b|, dB\b/, "dB"],
  [/^(frames per second|fps)\b|\bframes (a|per) second\b/i, "fps"],
  [/\bpixels\b/i, "px"],
  [/\bdegrees\b/i, "°"],
  [/\bHz\b/, "Hz"],
  [/^bits? per second|\bkbit/i, "bit/s"],
];

/**
 * The stages that the schema knows, in order, each with a line that says what it does.
 * @param {Schema} schema
 * @returns {{name: string, about: string, details: string}[]}
 */
export function stagesOf(schema) {
  return Object.entries(schema.$defs ?? {})
    .filter(([key]) => key.startsWith("stage-"))
    .map(([key, stage]) => {
      const [about, ...rest] = withoutCode(stage.description ?? "").split("\n\n");
      return { name: key.slice("stage-".length), about, details: rest.join("\n\n") };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** @param {string} text */
const withoutCode = (text) => text.replace(/```[\s\S]*?(```|$)/g, "").trim();

/**
 * The settings of a stage.
 * @param {Schema} schema
 * @param {string} stage
 * @returns {Field[]}
 */
export function fieldsOf(schema, stage) {
  const definition = schema.$defs?.[`stage-${stage}`];
  return definition ? objectFields(schema, definition) : [];
}

/**
 * The settings of how texts look, as those of a title.
 * @param {Schema} schema
 * @returns {Field[]}
 */
export const styleFields = (schema) =>
  fieldsOf(schema, "title").find(({ name }) => name === "style")?.fields ?? [];

/**
 * The setting that a stage's short form gives (`- split: 10s`); "" where it has no short form.
 * @param {Schema} schema
 * @param {string} stage
 */
export function shortOf(schema, stage) {
  const options = schema.$defs?.stages?.items?.anyOf ?? [];
  const own = options.find((/** @type {Schema} */ option) => option.properties?.[stage]);
  const short = own?.properties[stage].anyOf?.[2];
  if (!short) return "";
  const asked = JSON.stringify(short);
  const known = schema.$defs?.[`stage-${stage}`]?.properties ?? {};
  return Object.keys(known).find((key) => JSON.stringify(known[key]) === asked) ?? "";
}

/**
 * The settings of a stage as a mapping, whatever form they were written in.
 * @param {unknown} params
 * @param {string} short
 * @param {Field[]} fields
 * @returns {Record<string, unknown>}
 */
export function asMapping(params, short, fields) {
  if (params === null || params === undefined) return {};
  const isMapping = typeof params === "object" && !Array.isArray(params);
  if (isMapping && (!short || Object.keys(params).every((key) => fields.some((f) => f.name === key)))) {
    return /** @type {Record<string, unknown>} */ (params);
  }
  return short ? { [short]: params } : {};
}

/**
 * The mapping in the short form again, where it was written so and still fits.
 * @param {Record<string, unknown>} params
 * @param {string} short
 * @param {unknown} before
 * @returns {unknown}
 */
export function asWritten(params, short, before) {
  const keys = Object.keys(params);
  if (keys.length === 0) return null;
  const isShort =
    before !== null && before !== undefined && (typeof before !== "object" || Array.isArray(before));
  const value = params[short];
  const fits = keys.length === 1 && keys[0] === short && (typeof value !== "object" || Array.isArray(value));
  return isShort && fits ? value : params;
}

/**
 * @param {Schema} schema
 * @param {Schema} definition
 * @returns {Field[]}
 */
function objectFields(schema, definition) {
  return Object.entries(definition.properties ?? {}).map(([name, value]) => fieldOf(schema, name, value));
}

/**
 * @param {Schema} schema
 * @param {string} name
 * @param {Schema} value
 * @returns {Field}
 */
function fieldOf(schema, name, value) {
  const all = alternatives(schema, value);
  const nullable = all.some((one) => one.type === "null");
  const real = all.filter((one) => one.type !== "null");
  const told = outermost(value);
  const help = told.description ?? "";
  const base = {
    name,
    label: labelOf(name),
    help,
    nullable,
    unit: unitOf(help),
    standard: told.default,
    range: rangeOf(real[0] ?? {}),
    choices: [],
    fields: [],
    variants: [],
    known: [],
  };
  if (real.length === 1) {
    const own = { ...base, ...kindOf(schema, name, real[0]) };
    return own.kind === "text" && /^Colour\b/.test(help) ? { ...own, kind: "colour" } : own;
  }
  const variants = real.map((one) => ({
    ...base,
    standard: undefined,
    help: "",
    ...kindOf(schema, name, one),
  }));
  if (variants.every((one) => one.kind === "choice")) {
    return { ...base, kind: "choice", choices: variants.flatMap((one) => one.choices) };
  }
  const merged = variants.filter(
    (one, i) => one.kind !== "value" || variants.findIndex((o) => o.kind === "value") === i,
  );
  return { ...base, kind: "either", variants: merged };
}

/**
 * Everything that a value may be, references followed; `${parameter}`, which each takes, is left out.
 * @param {Schema} schema
 * @param {Schema} value
 * @returns {Schema[]}
 */
function alternatives(schema, value) {
  if (value.$ref)
    return alternatives(schema, { ...schema.$defs?.[String(value.$ref).split("/").at(-1) ?? ""] });
  const inner = value.anyOf ?? value.oneOf;
  if (inner) return inner.flatMap((/** @type {Schema} */ one) => alternatives(schema, one));
  return String(value.pattern ?? "").startsWith("^\\$\\{") ? [] : [value];
}

/**
 * The description and default, which stand around the alternatives.
 * @param {Schema} value
 * @returns {Schema}
 */
function outermost(value) {
  if ("description" in value || "default" in value) return value;
  const inner = (value.anyOf ?? []).find(
    (/** @type {Schema} */ one) => "description" in one || "default" in one || one.anyOf,
  );
  return inner ? outermost(inner) : value;
}

/**
 * @param {Schema} schema
 * @param {string} name
 * @param {Schema} one
 * @returns {Partial<Field> & {kind: FieldKind}}
 */
function kindOf(schema, name, one) {
  if (one.enum) return { kind: "choice", choices: one.enum };
  if ("const" in one) return { kind: "choice", choices: [one.const] };
  const range = rangeOf(one);
  if (one.type === "boolean") return { kind: "truth" };
  if (one.type === "number" || one.type === "integer") return { kind: "number", range };
  if (Array.isArray(one.type)) return timeOrValue(one, range);
  if (one.type === "object" && one.properties) return { kind: "object", fields: objectFields(schema, one) };
  if (one.type === "object") return { kind: "map", known: Object.keys(outermost(one).default ?? {}) };
  if (one.type !== "string") return { kind: "value" };
  if (one.format === "path") return { kind: "path" };
  return { kind: COLOUR.test(name) ? "colour" : "text" };
}

/**
 * @param {Schema} one
 * @param {Field["range"]} range
 * @returns {Partial<Field> & {kind: FieldKind}}
 */
function timeOrValue(one, range) {
  const isTime = one.type.join() === "number,string" && one.examples?.includes("30s");
  return isTime ? { kind: "time", range, unit: "s" } : { kind: "value" };
}

/** @param {Schema} one */
const rangeOf = (one) => ({
  low: one.minimum ?? one.exclusiveMinimum ?? one.ge ?? one.gt ?? -Infinity,
  high: one.maximum ?? one.exclusiveMaximum ?? one.le ?? one.lt ?? Infinity,
  isLowOpen: one.exclusiveMinimum !== undefined || one.gt !== undefined,
  isHighOpen: one.exclusiveMaximum !== undefined || one.lt !== undefined,
  isWhole: one.type === "integer",
});

/** @param {string} name */
function labelOf(name) {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string} help */
const unitOf = (help) => String(UNITS.find(([sign]) => /** @type {RegExp} */ (sign).test(help))?.[1] ?? "");

/**
 * What a field holds where nothing is given, as people read it.
 * @param {Field} field
 */
export function standardText(field) {
  const { standard } = field;
  if (standard === undefined) return "needed";
  if (standard === null) return "none";
  if (standard === true) return "yes";
  if (standard === false) return "no";
  const fraction = /^(-?\d+)\/(\d+)$/.exec(String(standard));
  if (fraction) return String(Math.round((1000 * Number(fraction[1])) / Number(fraction[2])) / 1000);
  return typeof standard === "object" ? flow(standard) : String(standard);
}

/**
 * What is wrong with a value; "" where nothing is. The server's check has the last word.
 * @param {Field} field
 * @param {unknown} value
 */
export function faultOf(field, value) {
  if (typeof value === "string" && /\$\{\w+\}/.test(value)) return "";
  if (field.kind !== "number" || value === null || value === undefined) return "";
  const { low, high, isLowOpen, isHighOpen, isWhole } = field.range;
  if (typeof value !== "number" || Number.isNaN(value)) return `a number is expected${limits(field)}`;
  if (isWhole && !Number.isInteger(value)) return `a whole number is expected${limits(field)}`;
  if (value < low || value > high || (isLowOpen && value === low) || (isHighOpen && value === high)) {
    return `${value} is outside of what is accepted${limits(field)}`;
  }
  return "";
}

/**
 * The limits of a number in words: ", 0 to 1", ", more than 0".
 * @param {Field} field
 */
export function limits({ range: { low, high, isLowOpen, isHighOpen }, unit }) {
  const tail = unit ? ` ${unit}` : "";
  if (low === -Infinity && high === Infinity) return "";
  if (high === Infinity) return `: ${isLowOpen ? "more than" : "at least"} ${low}${tail}`;
  if (low === -Infinity) return `: ${isHighOpen ? "less than" : "at most"} ${high}${tail}`;
  return `: ${isLowOpen ? "more than " : ""}${low} to ${isHighOpen ? "less than " : ""}${high}${tail}`;
}
