/** Moments sorted and filtered. */
import { numberOf } from "./numbers.js";

/** @typedef {import("./moment-card.js").Moment} Moment */

/**
 * @param {Moment[]} moments
 * @param {string} words all of which are in its text or its file's name
 * @param {Map<string, string>} names of sources
 * @param {boolean} withChosen
 */
export function filtered(moments, words, names, withChosen) {
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  return moments.filter((moment) => {
    if (moment.chosen && !withChosen) return false;
    const text = `${moment.text ?? ""} ${names.get(moment.source) ?? moment.source}`.toLowerCase();
    return asked.every((word) => text.includes(word));
  });
}

/**
 * @param {Moment[]} moments
 * @param {string} order "score", "time" or "length"
 */
export function sorted(moments, order) {
  const length = (/** @type {Moment} */ m) => numberOf(m.end) - numberOf(m.start);
  const inTime = (/** @type {Moment} */ a, /** @type {Moment} */ b) =>
    a.source.localeCompare(b.source) || numberOf(a.start) - numberOf(b.start);
  return [...moments].sort((a, b) => {
    if (order === "length") return length(b) - length(a) || inTime(a, b);
    if (order === "score") return (b.score ?? -1) - (a.score ?? -1) || inTime(a, b);
    return inTime(a, b);
  });
}

/** Words of a moment that name it on the timeline. */
const MOST = 6;

/**
 * What a moment is called in the film; nothing where nothing is said.
 * @param {Pick<Moment, "text">} moment
 * @returns {{label?: string}}
 */
export function labelOf({ text }) {
  const words = (text ?? "").split(/\s+/).filter(Boolean);
  if (!words.length) return {};
  return { label: words.length > MOST ? `${words.slice(0, MOST).join(" ")} …` : words.join(" ") };
}
