/** The schema of pipelines, asked for once: it does not change while the server runs. */
import { api } from "./api.js";

/** @type {Promise<any> | null} */
let known = null;

/** @returns {Promise<import("./schema.js").Schema>} */
export function schemaOnce() {
  known ??= api.schema().catch((/** @type {unknown} */ error) => {
    known = null;
    throw error;
  });
  return /** @type {Promise<any>} */ (known);
}
