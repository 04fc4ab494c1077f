/** Settings of one segment: label, speed, gain, transition; text and place of what is drawn. */

import { drawingForm } from "./drawing-form.js";
import { matchOf } from "./edits.js";
import { make } from "./elements.js";
import { numberOf } from "./numbers.js";
import { fieldsOf } from "./schema.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").Segment} Segment */

/**
 * @param {Segment & {gain?: number | null}} segment
 * @param {{role: string, kind: "picture" | "sound"}} track that it is on
 * @param {import("./schema.js").Schema} schema
 */
export function segmentForm(segment, { role, kind }, schema) {
  const change = (/** @type {Record<string, unknown>} */ values) =>
    store.edit([{ set: { segment: matchOf(segment, role), ...values } }]);
  const isDrawn = segment.text !== null && segment.text !== undefined;
  return make(
    "section",
    {},
    make("h2", {}, "Settings"),
    make(
      "div.fields",
      {},
      isDrawn ? textField(segment, change) : null,
      labelled(
        "Label",
        make("input", {
          name: "label",
          "data-focus": "label",
          value: segment.label ?? "",
          placeholder: "none",
          onchange: (/** @type {any} */ e) => change({ label: e.target.value }),
        }),
      ),
      isDrawn
        ? null
        : numberField(
            "Speed",
            "×",
            "speed",
            numberOf(segment.speed ?? 1),
            { min: 0.05, max: 20, step: 0.05 },
            (speed) => change({ speed }),
          ),
      isDrawn
        ? null
        : numberField("Gain", "dB", "gain", segment.gain ?? 0, { min: -60, max: 20, step: 0.5 }, (gain) =>
            change({ gain }),
          ),
      kind === "picture" && !isDrawn ? transitionField(segment, change, schema) : null,
      ...(isDrawn ? [drawingForm(segment, change, schema)] : []),
      ...(isDrawn ? ["x", "y"].map((axis) => placeField(axis, segment, change)) : []),
    ),
  );
}

/**
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [unit]
 */
export function labelled(label, input, unit = "") {
  return make(
    "label.field",
    {},
    make("span.field-name", {}, label),
    make("span.field-input", {}, input, unit && make("span.hint", {}, unit)),
  );
}

/**
 * A number; what cannot be read, or lies outside, is said and not sent.
 * @param {string} label
 * @param {string} unit
 * @param {string} name
 * @param {number} value
 * @param {{min: number, max: number, step: number}} range
 * @param {(value: number) => void} changed
 */
function numberField(label, unit, name, value, range, changed) {
  const input = make("input", {
    type: "number",
    name,
    "data-focus": name,
    ...range,
    value: String(Math.round(value * 1000) / 1000),
  });
  input.addEventListener("change", () => {
    input.setCustomValidity("");
    const given = input.valueAsNumber;
    if (Number.isNaN(given) || given < range.min || given > range.max) {
      input.setCustomValidity(`${label}: ${range.min} to ${range.max} ${unit}`);
      input.reportValidity();
    } else changed(given);
  });
  return labelled(label, input, unit);
}

/**
 * @param {Segment} segment
 * @param {(values: Record<string, unknown>) => void} change
 */
const textField = (segment, change) =>
  labelled(
    "Text",
    make("textarea", {
      name: "text",
      "data-focus": "text",
      rows: 2,
      value: segment.text ?? "",
      onchange: (/** @type {any} */ event) => change({ text: event.target.value }),
    }),
  );

/**
 * @param {string} axis
 * @param {Segment} segment
 * @param {(values: Record<string, unknown>) => void} change
 */
function placeField(axis, segment, change) {
  const value = /** @type {Record<string, any>} */ (segment)[axis];
  if (typeof value !== "number") return null;
  return numberField(
    axis === "x" ? "Middle, from the left" : "Middle, from the top",
    "of the picture",
    axis,
    value,
    { min: -1, max: 2, step: 0.01 },
    (given) => change({ [axis]: given }),
  );
}

/**
 * @param {Segment} segment
 * @param {(values: Record<string, unknown>) => void} change
 * @param {import("./schema.js").Schema} schema
 */
function transitionField(segment, change, schema) {
  const given = /** @type {any} */ (segment.transition);
  const kind = typeof given === "string" ? given : (given?.kind ?? "");
  const length = (typeof given === "object" && given?.duration) || segment.overlap || 0.5;
  const known = fieldsOf(schema, "transitions").find((field) => field.name === "kind");
  const choices = /** @type {string[]} */ (known?.choices ?? []);
  const kinds = [...new Set([...choices, kind])].filter((one) => one && one !== "none");
  const select = make(
    "select",
    { name: "transition", "data-focus": "transition", "aria-label": "Transition" },
    make("option", { value: "" }, "a cut"),
    ...kinds.map((one) => make("option", { value: one }, one)),
  );
  select.value = kind;
  const input = make("input", {
    type: "number",
    "data-focus": "transition-length",
    min: 0.05,
    max: 10,
    step: 0.05,
    value: String(Math.round(length * 1000) / 1000),
    disabled: !kind,
    "aria-label": "Seconds of the transition",
  });
  const send = () =>
    change({
      transition: select.value ? { kind: select.value, duration: input.valueAsNumber || 0.5 } : null,
    });
  select.addEventListener("change", send);
  input.addEventListener("change", send);
  return make(
    "div.field",
    {},
    make("span.field-name", {}, "Comes in with"),
    make("span.field-input", {}, select, input, make("span.hint", {}, "s")),
  );
}
