/** A pipeline's text with the settings of a learned style in it; its comments and other stages stay. */
import { withParams, withStage } from "./yaml-stages.js";

/** @typedef {import("./yaml-stages.js").StagePlace} StagePlace */

/** What a style ends with is the pipeline's own matter. */
const WRITERS = ["render", "export"];
/** Stages that choose passages: pauses are cut in what these leave. */
const CHOOSING = ["highlights", "shorts", "select", "takes", "trim"];

/**
 * Each stage of the style sets its settings where the pipeline has that stage, and else comes in:
 * signals at the beginning, `tighten` after what chooses.
 * @param {string} text
 * @param {StagePlace[]} style
 * @param {(text: string) => Promise<{stages?: StagePlace[]}>} read
 */
export async function withStyle(text, style, read) {
  let now = text;
  let last = -1;
  for (const { name, params } of style.filter((stage) => !WRITERS.includes(stage.name))) {
    const { stages = [] } = await read(now);
    const own = stages.findIndex((stage) => stage.name === name);
    const place = own < 0 ? placeOf(name, stages, last) : own;
    if (own < 0) now = withStage(now, stages, place, name, params);
    else if (params !== null)
      now = withParams(now, stages, own, { ...mapping(stages[own].params), ...mapping(params) });
    last = Math.max(last, place);
  }
  return now;
}

/**
 * @param {string} name
 * @param {StagePlace[]} stages
 * @param {number} last where the style's stage before it stands
 */
function placeOf(name, stages, last) {
  const chooses = name === "tighten" ? stages.findLastIndex((stage) => CHOOSING.includes(stage.name)) : -1;
  return Math.max(last, chooses) + 1;
}

/** @param {unknown} params @returns {Record<string, unknown>} */
const mapping = (params) =>
  params !== null && typeof params === "object" && !Array.isArray(params)
    ? /** @type {Record<string, unknown>} */ (params)
    : {};
