/** What is said, as text that edits a cut: paragraphs, selections as ranges of source time, search. */
import { numberOf } from "./numbers.js";

/**
 * A word of a source. `places` are where the film shows it, on the timeline.
 * @typedef {{text: string, start: number, end: number, kept: boolean, speaker: string,
 *   probability: number | null, source: string, places: {at: number, to: number, segment: string}[]}} Word
 * @typedef {{source: string, speaker: string, from: number, to: number}} Paragraph a run of words, `to` beyond its last
 * @typedef {{source: string, start: number, end: number}} SourceRange
 */

/** Words below this probability are marked as doubtful. */
export const DOUBTFUL = 0.5;
/** A pause that begins a paragraph, in seconds. */
const PAUSE = 1.6;
/** After so many words a sentence's end begins a new paragraph. */
const LONG = 70;
/** Before and after words that are struck, at most so much of the pause goes with them. */
const LEAD = 0.05;
const TAIL = 0.3;

/**
 * Rounded to milliseconds, as edits are written.
 * @param {number} time
 */
export const thousandths = (time) => Math.round(time * 1000) / 1000;

/**
 * The words of all sources, in order, with the places where the film shows them.
 * @param {{source: string, words: {text: string, start: number | string, end: number | string,
 *   kept?: boolean, speaker?: string | null, probability?: number | null}[]}[]} transcripts
 * @param {{source: string, from: number | string, start: number, end: number, segment: string}[]} shown
 * @returns {Word[]}
 */
export function joined(transcripts, shown) {
  /** @type {Map<string, Word["places"]>} */
  const places = new Map();
  for (const word of shown) {
    const key = `${word.source} ${Math.round(numberOf(word.from) * 1000)}`;
    const known = places.get(key) ?? [];
    known.push({ at: word.start, to: word.end, segment: word.segment });
    places.set(key, known);
  }
  return transcripts.flatMap(({ source, words }) =>
    words.map((word) => {
      const start = numberOf(word.start);
      const found = places.get(`${source} ${Math.round(start * 1000)}`) ?? [];
      return {
        text: word.text.trim(),
        source,
        start,
        end: numberOf(word.end),
        kept: word.kept ?? found.length > 0,
        speaker: word.speaker ?? "",
        probability: word.probability ?? null,
        places: found,
      };
    }),
  );
}

/**
 * The words divided where the source or speaker changes, at long pauses and after long sentences.
 * @param {Word[]} words
 * @returns {Paragraph[]}
 */
export function paragraphs(words) {
  /** @type {Paragraph[]} */
  const found = [];
  words.forEach((word, number) => {
    const last = found.at(-1);
    const before = words[number - 1];
    if (last && before && !isBreak(before, word, number - last.from)) last.to = number + 1;
    else found.push({ source: word.source, speaker: word.speaker, from: number, to: number + 1 });
  });
  return found;
}

/**
 * @param {Word} before
 * @param {Word} word
 * @param {number} count words of the paragraph so far
 */
function isBreak(before, word, count) {
  if (before.source !== word.source || before.speaker !== word.speaker) return true;
  if (word.start - before.end >= PAUSE) return true;
  return count >= LONG && /[.!?…]["”')\]]*$/.test(before.text);
}

/**
 * Ranges of source time that hold the chosen words, one for each run of neighbours.
 * A struck word takes the pause after it along, so that one gap is left, not two.
 * @param {Word[]} words
 * @param {Iterable<number>} chosen numbers of words
 * @returns {SourceRange[]}
 */
export function ranges(words, chosen) {
  return runs(words, chosen).map(([first, last]) => {
    const before = neighbour(words, first, -1);
    const after = neighbour(words, last, 1);
    const lead = before ? Math.min(LEAD, Math.max(0, words[first].start - before.end) / 2) : LEAD;
    const gap = after ? Math.max(0, after.start - words[last].end) : 0;
    const tail = after ? Math.min(TAIL, gap - Math.min(LEAD, gap / 2)) : 0;
    return {
      source: words[first].source,
      start: thousandths(Math.max(0, words[first].start - lead)),
      end: thousandths(words[last].end + tail),
    };
  });
}

/**
 * First and last number of each run of neighbours within one source.
 * @param {Word[]} words
 * @param {Iterable<number>} chosen
 * @returns {[number, number][]}
 */
export function runs(words, chosen) {
  /** @type {[number, number][]} */
  const found = [];
  for (const number of [...new Set(chosen)].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] + 1 === number && words[number].source === words[last[1]].source) {
      last[1] = number;
    } else found.push([number, number]);
  }
  return found;
}

/**
 * @param {Word[]} words
 * @param {number} number
 * @param {1 | -1} step
 */
function neighbour(words, number, step) {
  const word = words[number + step];
  return word && word.source === words[number].source ? word : null;
}

/**
 * Edits that take the chosen words out, wherever the film shows them.
 * @param {Word[]} words
 * @param {Iterable<number>} chosen
 */
export const strikes = (words, chosen) =>
  ranges(
    words,
    [...chosen].filter((n) => words[n].kept),
  ).map((range) => ({
    drop: { ...range, why: "words struck" },
  }));

/**
 * Numbers of the words at which a phrase begins; case, accents and punctuation do not matter.
 * @param {Word[]} words
 * @param {string} phrase
 * @returns {{from: number, to: number}[]} `to` is beyond the last word
 */
export function find(words, phrase) {
  const asked = phrase.split(/\s+/).map(plain).filter(Boolean);
  if (asked.length === 0) return [];
  const texts = words.map((word) => plain(word.text));
  const found = [];
  for (let from = 0; from + asked.length <= texts.length; from++) {
    const fits = asked.every((text, i) => {
      const word = texts[from + i];
      if (i === asked.length - 1) return asked.length === 1 ? word.includes(text) : word.startsWith(text);
      return i === 0 ? word.endsWith(text) : word === text;
    });
    if (fits) found.push({ from, to: from + asked.length });
  }
  return found;
}

/** @param {string} text */
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/**
 * Number of the word that the film says at a time of the timeline; -1 in pauses.
 * @param {{at: number, to: number, word: number}[]} places in order, as `timeline` gives them
 * @param {number} time
 */
export function wordAt(places, time) {
  let low = 0;
  let high = places.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (places[middle].at <= time) low = middle + 1;
    else high = middle - 1;
  }
  return high >= 0 && time < places[high].to ? places[high].word : -1;
}

/**
 * Every place where the film says a word, in order.
 * @param {Word[]} words
 */
export function timeline(words) {
  return words
    .flatMap((word, number) => word.places.map(({ at, to }) => ({ at, to, word: number })))
    .sort((a, b) => a.at - b.at);
}

/**
 * A paragraph as pieces: runs of words that are kept, and runs that are left out; long ones of the
 * latter may be folded.
 * @param {Word[]} words
 * @param {Paragraph} paragraph
 * @param {number} [longest] more words that are left out than this are folded
 * @returns {{from: number, to: number, kept: boolean, folded: boolean}[]}
 */
export function pieces(words, { from, to }, longest = 24) {
  /** @type {{from: number, to: number, kept: boolean, folded: boolean}[]} */
  const found = [];
  for (let number = from; number < to; number++) {
    const last = found.at(-1);
    if (last && last.kept === words[number].kept) last.to = number + 1;
    else found.push({ from: number, to: number + 1, kept: words[number].kept, folded: false });
  }
  for (const piece of found) piece.folded = !piece.kept && piece.to - piece.from > longest;
  return found;
}

/**
 * Numbers of the words that edits struck by hand.
 * @param {Word[]} words
 * @param {{source: string, start: number | string, end: number | string}[]} drops
 */
export function struckWords(words, drops) {
  const found = new Set();
  for (const drop of drops) {
    const [start, end] = [numberOf(drop.start), numberOf(drop.end)];
    words.forEach((word, number) => {
      const shared = Math.min(word.end, end) - Math.max(word.start, start);
      const isIn = word.source === drop.source && 2 * shared >= word.end - word.start;
      if (!word.kept && isIn) found.add(number);
    });
  }
  return found;
}
