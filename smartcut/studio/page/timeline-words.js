/** Draws what is said, and by whom, and the scores of segments. */

import { scoreNames, seen } from "./timeline-geometry.js";
import { boxOf, fitted, x } from "./timeline-view.js";

/** @typedef {import("./timeline-view.js").View} View */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */

const SPEAKERS = ["#6aa9ff", "#f0a35e", "#b58cf0", "#5ec7a8", "#f07fa8", "#c9b64a"];
/** Pixels a second from which words can be read. */
const WORDY = 45;

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
export function drawWords(g, view, { height }) {
  const { words } = view.state;
  const speakers = [...new Set(words.map((word) => word.speaker).filter(Boolean))];
  if (view.zoom < WORDY) drawSpeakers(g, view, height);
  const found = seen(words, view.from, view.to);
  found.forEach((word, i) => {
    const [a, b] = [x(view, word.start), x(view, word.end)];
    const who = speakers.indexOf(word.speaker);
    g.fillStyle = who < 0 ? view.colours["line-strong"] : SPEAKERS[who % SPEAKERS.length];
    g.fillRect(a, height - 4, Math.max(1, b - a - 1), 3);
    const next = found[i + 1] ? x(view, found[i + 1].start) : b + 40;
    const text = fitted(g, word.text, Math.max(b - a, Math.min(next - a - 3, 90)));
    g.fillStyle = view.colours.word;
    if (view.zoom < WORDY) return;
    if (text === word.text || text.length > 4) g.fillText(text, a, height / 2 - 2);
  });
}

/**
 * The names of speakers, where words are too small to be read.
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {number} height
 */
function drawSpeakers(g, view, height) {
  const { words } = view.state;
  const begun = words.filter((word, i) => word.speaker && word.speaker !== words[i - 1]?.speaker);
  g.fillStyle = view.colours.word;
  begun.forEach((word, i) => {
    const at = x(view, word.start);
    const end = begun[i + 1] ? x(view, begun[i + 1].start) : at + 200;
    g.fillText(fitted(g, word.speaker ?? "", end - at - 4), at, height / 2 - 2);
  });
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
export function drawScores(g, view, { height }) {
  const names = scoreNames(view.state);
  const row = (height - 4) / names.length;
  const segments = view.state.tracks.find((track) => track.role === "programme")?.segments ?? [];
  for (const segment of segments.filter((one) => one.to >= view.from && one.at <= view.to)) {
    const { left, width } = boxOf(view, segment);
    names.forEach((name, i) => {
      const score = segment.scores?.[name];
      if (score === undefined) return;
      const top = 2 + i * row;
      g.fillStyle = view.colours.raised;
      g.fillRect(left, top + 1, width, row - 2);
      g.fillStyle = view.colours.selected;
      g.fillRect(left, top + 1, width * Math.min(1, Math.max(0, score)), row - 2);
      g.fillStyle = view.colours.text;
      const text = fitted(g, `${name} ${score.toFixed(2)}`, width - 6);
      if (text) g.fillText(text, Math.max(left, 0) + 4, top + row / 2 + 0.5);
    });
  }
}
