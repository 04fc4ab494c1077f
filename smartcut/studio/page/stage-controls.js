/** What settings are changed with: one control for each kind of field. */
import { make } from "./elements.js";
import { faultOf, standardText } from "./schema.js";
import { flow, NotAValue, parseFlow } from "./yaml-values.js";

/** @typedef {import("./schema.js").Field} Field */
/** @typedef {(value: unknown) => void} Changed undefined takes the setting out */
/**
 * @typedef {{value: unknown, changed: Changed, id: string, path: string,
 *   isFault: (text: string) => void}} Given `id` is free to be used; `path` names it for the focus
 */

/**
 * The control of a field. Where it has several inputs, the one that the label is for has the class "main-input".
 * @param {Field} field
 * @param {Given} given
 * @returns {HTMLElement}
 */
export function control(field, given) {
  const { value } = given;
  if (typeof value === "string" && /\$\{\w+\}/.test(value)) return textInput(field, given);
  if (field.kind === "truth") return truthSelect(field, given);
  if (field.kind === "choice") return choiceSelect(field, given);
  if (field.kind === "number") return numberInput(field, given);
  if (field.kind === "colour") return colourInput(field, given);
  if (field.kind === "map" && isNumbers(value ?? field.standard)) return numbersInput(field, given);
  if (field.kind === "text" || field.kind === "path" || field.kind === "time") return textInput(field, given);
  return eitherInput(field, given);
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
function numberInput(field, given) {
  const { value, changed, isFault } = given;
  const { low, high, isWhole } = field.range;
  const input = make("input", {
    type: "text",
    inputMode: isWhole ? "numeric" : "decimal",
    autocomplete: "off",
    placeholder: standardText(field),
    value: value === undefined || value === null ? "" : String(value),
  });
  const isBounded = Number.isFinite(low) && Number.isFinite(high);
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
  if (!isBounded || high - low > WIDEST) return input;
  input.classList.add("main-input");
  return make("div.ranged", {}, slider(field, given, input), input);
}

/** Numbers whose limits are this far apart at most have a slider too. */
const WIDEST = 100;

/**
 * @param {Field} field
 * @param {Given} given
 * @param {HTMLInputElement} input the number beside it
 */
function slider({ range: { low, high, isWhole }, label, standard }, { value, changed, path }, input) {
  const step = isWhole ? 1 : (high - low) / 100;
  const shown = typeof value === "number" ? value : Number(standard ?? low);
  const range = make("input", {
    type: "range",
    min: low,
    max: high,
    step,
    "aria-label": `${label}, slider`,
    "data-focus": `${path} slider`,
  });
  range.value = String(shown);
  range.addEventListener("input", () => {
    input.value = range.value;
  });
  range.addEventListener("change", () => changed(Number(range.value)));
  return range;
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
  input.classList.add("main-input");
  return make("div.colour", {}, well, input);
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
  input.classList.add("main-input");
  const list = make(
    "datalist",
    { id: `${id}-list` },
    ...choices.map((choice) => make("option", { value: String(choice) })),
  );
  return make("div.either", {}, input, list);
}

/** @param {unknown} value */
const isNumbers = (value) =>
  value !== null && typeof value === "object" && Object.values(value).every((one) => typeof one === "number");

/**
 * Names with a number each, such as weights: a row for each, and one to add another.
 * @param {Field} field
 * @param {Given} given
 */
function numbersInput(field, { value, changed, isFault, path }) {
  const values = /** @type {Record<string, number>} */ (value ?? field.standard ?? {});
  const rows = Object.entries(values).map(([name, number]) => {
    const input = make("input", {
      type: "text",
      inputMode: "decimal",
      value: String(number),
      "aria-label": `${field.label}: ${name}`,
      "data-focus": `${path} ${name}`,
    });
    input.addEventListener("change", () => {
      const { [name]: _, ...rest } = values;
      const text = input.value.trim().replace(",", ".");
      if (text !== "" && Number.isNaN(Number(text))) return isFault(`${name}: a number is expected`);
      changed(text === "" ? rest : { ...values, [name]: Number(text) });
    });
    return make("label.number-row", {}, make("span", {}, name), input);
  });
  const added = make("input.main-input", {
    type: "text",
    placeholder: "add a name",
    spellcheck: false,
    autocomplete: "off",
  });
  added.addEventListener("change", () => {
    const name = added.value.trim();
    if (name && !(name in values)) changed({ ...values, [name]: 1 });
  });
  return make("div.numbers-input", {}, ...rows, added);
}
