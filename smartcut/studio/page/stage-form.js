/** The settings of a stage as a form, made from its fields; what is set is told with each change. */
import { make } from "./elements.js";
import { faultOf, limits, standardText } from "./schema.js";
import { control } from "./stage-controls.js";

/** @typedef {import("./schema.js").Field} Field */
/** @typedef {import("./stage-controls.js").Changed} Changed */

let count = 0;

/** Forms whose further settings are shown. @type {Set<string>} */
const opened = new Set();

/** Forms of few settings show them all. */
const FEW = 6;

/**
 * @param {Field[]} fields
 * @param {Record<string, unknown>} values
 * @param {(values: Record<string, unknown>) => void} changed
 * @param {string} [path] names the form, for the focus
 * @param {number} [few] a form of no more settings shows them all
 * @returns {HTMLElement}
 */
export function form(fields, values, changed, path = "", few = FEW) {
  const now = { ...values };
  const rows = fields.map((field) =>
    fieldRow(field, now[field.name], `${path}.${field.name}`, (value) => {
      if (value === undefined) delete now[field.name];
      else now[field.name] = value;
      changed({ ...now });
    }),
  );
  const isSet = (/** @type {number} */ i) => fields[i].name in values || fields[i].standard === undefined;
  const [set, rest] = [rows.filter((_, i) => isSet(i)), rows.filter((_, i) => !isSet(i))];
  if (rows.length <= few || !rest.length) return make("div.fields", {}, ...rows);
  return make("div.fields", {}, ...set, more(rest, set.length, path));
}

/**
 * @param {HTMLElement[]} rows
 * @param {number} others
 * @param {string} path
 */
function more(rows, others, path) {
  const told = `${rows.length}${others ? " more" : ""} settings, all as usual`;
  return folded("more-fields", path, make("summary", { "data-focus": `${path} more` }, told), ...rows);
}

/**
 * Something that is folded, and stays open when the form is drawn anew.
 * @param {string} kind its class
 * @param {string} path
 * @param {...HTMLElement} children its summary first
 */
function folded(kind, path, ...children) {
  const key = `${path} ${kind}`;
  const details = make("details", { open: opened.has(key) }, ...children);
  details.className = kind;
  details.addEventListener("toggle", () => (details.open ? opened.add(key) : opened.delete(key)));
  return details;
}

/**
 * @param {Field} field
 * @param {unknown} value
 * @param {string} path
 * @param {Changed} changed
 */
function fieldRow(field, value, path, changed) {
  const id = `field-${++count}`;
  const fault = make("p.fault", { id: `${id}-fault`, role: "alert" });
  const isFault = (/** @type {string} */ text) => {
    fault.textContent = text;
    target.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const isGroup = field.kind === "object" && field.fields.length > 0 && !isPlace(value);
  const shown = isGroup
    ? group(field, value, path, changed)
    : control(field, { value, changed, id, isFault, path });
  const found = isGroup ? shown.querySelector("summary") : shown.querySelector(".main-input");
  const target = /** @type {HTMLElement} */ (found ?? shown);
  target.id ||= id;
  target.setAttribute("data-focus", path);
  target.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
  if (!isGroup) isFault(faultOf(field, value));
  const name = isGroup
    ? make("span.field-name", {}, field.label)
    : make("label.field-name", { for: target.id }, field.label);
  return make(
    `div.setting${value === undefined ? "" : ".given"}`,
    {},
    name,
    make(
      "div.setting-input",
      {},
      shown,
      field.unit && !isGroup ? make("span.hint", {}, field.unit) : null,
      reset(field, value, changed),
    ),
    make("p.hint.help", { id: `${id}-help` }, ...code(helpOf(field))),
    fault,
  );
}

/** Whether a value is `${name}`, the place of a parameter. @param {unknown} value */
const isPlace = (value) => typeof value === "string" && /\$\{\w+\}/.test(value);

/** @param {Field} field */
function helpOf(field) {
  const range = limits(field)
    .replace(/^: /, "")
    .replace(/^./, (first) => first.toUpperCase());
  return [field.help === `${field.unit}.` ? "" : field.help, range && `${range}.`].filter(Boolean).join(" ");
}

/**
 * @param {Field} field
 * @param {unknown} value
 * @param {Changed} changed
 */
function reset(field, value, changed) {
  if (value === undefined || (field.standard === undefined && !field.nullable)) return null;
  const usual = standardText(field);
  return make(
    "button.icon.reset",
    {
      title: `Back to ${usual}`,
      "aria-label": `${field.label}: back to ${usual}`,
      onclick: () => changed(undefined),
    },
    "×",
  );
}

/**
 * Settings within a setting.
 * @param {Field} field
 * @param {unknown} value
 * @param {string} path
 * @param {Changed} changed
 */
function group(field, value, path, changed) {
  const values = value && typeof value === "object" ? /** @type {Record<string, unknown>} */ (value) : {};
  const given = Object.keys(values);
  const told = given.length ? given.join(", ") : standardText(field);
  const summary = make(
    "summary",
    { "aria-label": `${field.label}: ${told}` },
    told.length > 60 ? "as usual" : told,
  );
  const inner = form(
    field.fields,
    values,
    (next) => changed(Object.keys(next).length ? next : undefined),
    path,
    Infinity,
  );
  return folded("object", path, summary, inner);
}

/**
 * A text in which `this` is code.
 * @param {string} text
 */
export const code = (text) => text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
