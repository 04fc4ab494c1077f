/** How a text that is drawn looks: letters, outline, shadow and box, as the style of texts has them. */
import { make } from "./elements.js";
import { styleFields } from "./schema.js";
import { form } from "./stage-form.js";

/** What is shown at once; the others are folded. */
const FIRST = ["font", "weight", "size", "colour", "box", "box_of"];

/**
 * @param {import("./types.js").Segment} segment
 * @param {(values: Record<string, unknown>) => void} change
 * @param {import("./schema.js").Schema} schema
 */
export function drawingForm({ drawing }, change, schema) {
  const given = /** @type {Record<string, unknown>} */ (drawing ?? {});
  const known = styleFields(schema).filter(({ name }) => name in given);
  const order = (/** @type {string} */ name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const fields = known.toSorted((a, b) => order(a.name) - order(b.name));
  const isOwn = (/** @type {import("./schema.js").Field} */ { name, standard }) =>
    given[name] !== null && JSON.stringify(given[name]) !== JSON.stringify(standard);
  const values = Object.fromEntries(fields.filter(isOwn).map(({ name }) => [name, given[name]]));
  const changed = (/** @type {Record<string, unknown>} */ next) => {
    const names = new Set([...Object.keys(values), ...Object.keys(next)]);
    const others = [...names].filter((name) => JSON.stringify(values[name]) !== JSON.stringify(next[name]));
    const standard = (/** @type {string} */ name) =>
      fields.find((one) => one.name === name)?.standard ?? null;
    const entries = others.map((name) => [name, name in next ? next[name] : standard(name)]);
    change({ drawing: Object.fromEntries(entries) });
  };
  return make("div.drawing", {}, form(fields, values, changed, "drawing", FIRST.length));
}
