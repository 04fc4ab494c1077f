/** The settings of a stage as a form, made from its fields; what is set is told with each change. */
import { make } from "./elements.js";
import { faultOf, limits, standardText } from "./schema.js";
import { flow, NotAValue, parseFlow } from "./yaml-values.js";

/** @typedef {import("./schema.js").Field} Field */
/** @typedef {(value: unknown) => void} Changed undefined takes the setting out */
/** @typedef {{value: unknown, changed: Changed, id: string, isFault: (text: string) => void}} Given */

let count = 0;

/**
 * @param {Field[]} fields
 * @param {Record<string, unknown>} values
 * @param {(values: Record<string, unknown>) => void} changed
 * @param {string} [path] names the form, for the focus
 * @returns {HTMLElement}
 */
export function form(fields, values, changed, path = "") {
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
  if (rows.length <= 6 || !rest.length) return make("div.fields", {}, ...rows);
  return make("div.fields", {}, ...set, more(rest, set.length, path));
}

/** Forms whose further settings are shown. @type {Set<string>} */
const opened = new Set();

/**
 * @param {HTMLElement[]} rows
 * @param {number} others
 * @param {string} path
 */
const more = (rows, others, path) =>
  make(
    "details.more-fields",
    {
      open: opened.has(path),
      ontoggle: (/** @type {any} */ event) => (event.target.open ? opened.add(path) : opened.delete(path)),
    },
    make(
      "summary",
      { "data-focus": `${path} more` },
      `${rows.length}${others ? " more" : ""} settings, all as usual`,
    ),
    ...rows,
  );

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
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const help = [
    field.help === `${field.unit}.` ? "" : field.help,
    limits(field)
      .replace(/^: /, "")
      .replace(/^./, (c) => c.toUpperCase()),
  ]
    .filter(Boolean)
    .join(" ");
  const input = /** @type {HTMLElement} */ (control(field, { value, changed, id, isFault }));
  const isGroup = field.kind === "object" && field.fields.length > 0;
  if (!isGroup && !input.id) input.id = id;
  input.setAttribute("data-focus", path);
  input.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
  isFault(faultOf(field, value));
  const name =
    isGroup || input.getAttribute("role") === "group"
      ? make("span.field-name", { id: `${id}-name` }, field.label)
      : make("label.field-name", { for: id }, field.label);
  if (name.id) input.setAttribute("aria-labelledby", name.id);
  const reset =
    value === undefined || (field.standard === undefined && !field.nullable)
      ? null
      : make(
          "button.icon.reset",
          {
            title: `Back to ${standardText(field)}`,
            "aria-label": `${field.label}: back to ${standardText(field)}`,
            onclick: () => changed(undefined),
          },
          "×",
        );
  return make(
    `div.setting${value === undefined ? "" : ".given"}`,
    {},
    name,
    make(
      "div.setting-input",
      {},
      input,
      field.unit && !isGroup ? make("span.hint", {}, field.unit) : null,
      reset,
    ),
    make("p.hint.help", { id: `${id}-help` }, ...code(help)),
    fault,
  );
}

/**
 * A text in which `this` is code.
 * @param {string} text
 */
export const code = (text) => text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));

/**
 * @param {Field} field
 * @param {Given} given
 * @returns {HTMLElement}
 */
function control(field, given) {
  const { value } = given;
  if (typeof value === "string" && /\$\{\w+\}/.test(value)) return textInput(field, given);
  if (field.kind === "truth") return truthSelect(field, given);
  if (field.kind === "choice") return choiceSelect(field, given);
  if (field.kind === "number") return numberInput(field, given);
  if (field.kind === "object" && field.fields.length) return objectGroup(field, given);
  if (field.kind === "colour") return colourInput(field, given);
  if (field.kind === "map" || field.kind === "value" || field.kind === "either")
    return eitherInput(field, given);
  return textInput(field, given);
}

/**
 * @param {Field} field
 * @param {Given} given
 */
const truthSelect = (field, given) => select(field, given, [true, false], (value) => (value ? "yes" : "no"));

/**
 * @param {Field} field
 * @param {Given} given
 */
const choiceSelect = (field, given) => select(field, given, field.choices, String);

/**
 * @param {Field} field
 * @param {Given} given
 * @param {unknown[]} choices
 * @param {(value: unknown) => string} text
 */
function select(field, { value, changed }, choices, text) {
  const all =
    value === undefined || value === null || choices.includes(value) ? choices : [...choices, value];
  const standard = field.standard === undefined ? "choose …" : `${standardText(field)} (as usual)`;
  const input = make(
    "select",
    {},
    make("option", { value: "" }, standard),
    ...all.map((choice, i) => make("option", { value: String(i) }, text(choice))),
  );
  input.value = value === undefined || value === null ? "" : String(all.indexOf(value));
  input.addEventListener("change", () => changed(input.value === "" ? undefined : all[Number(input.value)]));
  return input;
}

/**
 * @param {Field} field
 * @param {Given} given
 */
function numberInput(field, { value, changed, isFault }) {
  const { low, high, isWhole } = field.range;
  const input = make("input", {
    type: "text",
    inputMode: isWhole ? "numeric" : "decimal",
    autocomplete: "off",
    placeholder: standardText(field),
    value: value === undefined || value === null ? "" : String(value),
  });
  const isBounded = Number.isFinite(low) && Number.isFinite(high) && high - low <= 1000;
  const read = () => {
    const text = input.value.trim();
    const number = /^\$\{\w+\}$/.test(text) ? text : Number(text.replace(",", "."));
    const fault = text ? faultOf(field, number) : "";
    isFault(fault);
    if (!fault) changed(text ? number : undefined);
  };
  input.addEventListener("change", read);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const size = isWhole ? 1 : isBounded ? 10 ** Math.floor(Math.log10((high - low) / 10)) : 1;
    const from = input.value.trim() === "" ? Number(standardText(field)) || 0 : Number(input.value);
    input.value = String(Math.min(high, Math.max(low, Math.round((from + step * size) * 1e6) / 1e6)));
    read();
  });
  return input;
}

/**
 * @param {Field} field
 * @param {Given} given
 */
function textInput(field, { value, changed }) {
  const text = value === undefined || value === null ? "" : String(value);
  const isLong =
    field.kind === "text" && (text.includes("\n") || field.name === "text" || field.name === "prompt");
  const common = { value: text, placeholder: standardText(field), spellcheck: isLong, autocomplete: "off" };
  const input = isLong
    ? make("textarea", { ...common, rows: Math.min(6, text.split("\n").length + 1) })
    : make("input", { type: "text", ...common });
  input.addEventListener("change", () =>
    changed(input.value === "" ? undefined : ownKind(field, input.value)),
  );
  return input;
}

/**
 * Times that are plain numbers are written as numbers.
 * @param {Field} field
 * @param {string} text
 */
const ownKind = (field, text) =>
  field.kind === "time" && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;

/**
 * @param {Field} field
 * @param {Given} given
 */
function colourInput(field, given) {
  const input = textInput(field, given);
  const value = String(given.value ?? field.standard ?? "");
  const isPlain = /^#[0-9a-f]{6}([0-9a-f]{2})?$/i.test(value);
  const well = make("input.well", {
    type: "color",
    value: isPlain ? value.slice(0, 7) : "#000000",
    "aria-label": `${field.label}: pick`,
  });
  well.addEventListener("change", () => given.changed(well.value + (isPlain ? value.slice(7) : "")));
  input.id = given.id;
  return make("div.colour", { role: "group" }, well, input);
}

/**
 * Anything that YAML can say on one line, with the choices there are as suggestions.
 * @param {Field} field
 * @param {Given} given
 */
function eitherInput(field, { value, changed, id, isFault }) {
  const choices = field.variants.flatMap((one) =>
    one.kind === "choice" ? one.choices : one.kind === "truth" ? ["true", "false"] : [],
  );
  const text = value === undefined ? "" : flow(value);
  const input = make("input.yaml", {
    type: "text",
    value: text,
    placeholder: standardText(field),
    spellcheck: false,
    autocomplete: "off",
  });
  input.addEventListener("change", () => {
    try {
      const read = input.value.trim() === "" ? undefined : parseFlow(input.value);
      isFault("");
      changed(read);
    } catch (error) {
      isFault(error instanceof NotAValue ? `This is no YAML: ${error.message}` : String(error));
    }
  });
  if (!choices.length) return input;
  input.setAttribute("list", `${id}-list`);
  input.id = id;
  const list = make(
    "datalist",
    { id: `${id}-list` },
    ...choices.map((choice) => make("option", { value: String(choice) })),
  );
  return make("div.either", { role: "group" }, input, list);
}

/**
 * Settings within a setting.
 * @param {Field} field
 * @param {Given} given
 */
function objectGroup(field, { value, changed, id }) {
  const values = value && typeof value === "object" ? /** @type {Record<string, unknown>} */ (value) : {};
  const told = Object.keys(values).length ? flow(values) : standardText(field);
  return make(
    "details.object",
    {
      open: opened.has(id.replace(/\d+/, field.name)),
      role: "group",
      ontoggle: (/** @type {any} */ event) =>
        event.target.open ? opened.add(`field-${field.name}`) : opened.delete(`field-${field.name}`),
    },
    make("summary", {}, told.length > 60 ? `${told.slice(0, 57)}…` : told),
    form(
      field.fields,
      values,
      (next) => changed(Object.keys(next).length ? next : undefined),
      `${id}.${field.name}`,
    ),
  );
}
