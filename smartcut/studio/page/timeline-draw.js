/** Draws the part of the timeline that is seen: one canvas, anew at each change. */

import { paceOf } from "./edits.js";
import { clock, numberOf } from "./numbers.js";
import { lastAt, loudest, seen, ticks } from "./timeline-geometry.js";
import { boxOf, x } from "./timeline-view.js";
import { drawScores, drawWords } from "./timeline-words.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */
/** @typedef {import("./timeline-view.js").View} View */

const FONT = '11px system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
const HEAD = 18;
/** Height of the waveform below a filmstrip, of the lane's. */
const waveOf = (/** @type {number} */ height) => Math.round(Math.max(26, height * 0.24));

export const TOKENS = [
  "text",
  "text-2",
  "line",
  "line-strong",
  "copied",
  "encoded",
  "word",
  "clip",
  "clip-edge",
  "clip-title",
  "clip-sound",
  "wave",
  "accent",
  "panel",
  "selected",
  "raised",
];

/**
 * @param {CanvasRenderingContext2D} g whose origin is the left edge of what is seen
 * @param {View} view
 * @param {number} width
 */
export function draw(g, view, width) {
  g.font = FONT;
  g.textBaseline = "middle";
  for (const lane of view.lanes) {
    g.save();
    g.translate(0, lane.top);
    g.beginPath();
    g.rect(0, 0, width, lane.height);
    g.clip();
    painters[lane.kind](g, view, lane);
    g.restore();
  }
}

/** @type {Record<Lane["kind"], (g: CanvasRenderingContext2D, view: View, lane: Lane) => void>} */
const painters = {
  ruler: drawRuler,
  above: (g, view, lane) => drawClips(g, view, lane, "clip-title"),
  programme: drawProgramme,
  words: drawWords,
  scores: drawScores,
  spans: drawSpans,
  sound: drawSound,
};

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
function drawRuler(g, view, { height }) {
  const { colours, range, state } = view;
  if (range.in !== null || range.out !== null) {
    const [a, b] = [x(view, range.in ?? 0), x(view, range.out ?? state.duration)];
    g.fillStyle = colours.selected;
    g.fillRect(a, 0, b - a, height);
    g.fillStyle = colours.accent;
    if (range.in !== null) g.fillRect(a, 0, 2, height);
    if (range.out !== null) g.fillRect(b - 2, 0, 2, height);
  }
  g.fillStyle = colours["text-2"];
  for (const { time, isLarge, step } of ticks(view.zoom, view.from, view.to)) {
    const at = Math.round(x(view, time));
    g.fillRect(at, isLarge ? height - 9 : height - 4, 1, 9);
    if (isLarge) g.fillText(clock(time, step < 1 ? 1 : 0), at + 4, height - 15);
  }
  g.fillStyle = colours.accent;
  for (const chapter of state.chapters) {
    const at = x(view, chapter.start ?? chapter.at ?? 0);
    g.beginPath();
    g.moveTo(at, 0);
    g.lineTo(at + 6, 0);
    g.lineTo(at, 8);
    g.fill();
  }
}

/**
 * @param {View} view
 * @param {Lane} lane
 */
function shown(view, lane) {
  return (lane.track?.segments ?? []).filter((one) => one.to >= view.from && one.at <= view.to);
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 * @param {string} token
 */
function drawClips(g, view, lane, token) {
  for (const segment of shown(view, lane)) {
    const { left, width } = boxOf(view, segment);
    g.fillStyle = view.colours[token];
    g.beginPath();
    g.roundRect(left, 1, width, lane.height - 2, 4);
    g.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
function drawProgramme(g, view, lane) {
  for (const segment of shown(view, lane)) {
    const { left, width } = boxOf(view, segment);
    const isHeardAlone = view.state.sources.some((one) => one.id === segment.source && !one.width);
    const wave = isHeardAlone ? lane.height - HEAD : waveOf(lane.height);
    g.save();
    g.beginPath();
    g.roundRect(left, 1, width, lane.height - 2, 4);
    g.clip();
    g.fillStyle = view.colours.clip;
    g.fillRect(left, 0, width, lane.height);
    drawStrip(g, view, segment, HEAD, lane.height - HEAD - wave, left, width);
    drawWave(g, view, segment, lane.height - wave, wave, left, width);
    drawMarkers(g, view, segment, lane);
    g.restore();
  }
  for (const segment of shown(view, lane)) if (segment.overlap > 0) drawJoin(g, view, segment, lane);
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Segment} segment
 * @param {number} top
 * @param {number} height
 * @param {number} left
 * @param {number} width
 */
function drawStrip(g, view, segment, top, height, left, width) {
  const strip = view.media.strips.get(segment.source ?? "");
  if (!strip?.times.length) return;
  const { image, times, width: tile } = strip;
  const shownWidth = Math.max(8, Math.round((tile / image.height) * height));
  const [pace, start] = [paceOf(segment), numberOf(segment.start)];
  const first = Math.max(0, Math.floor(-left / shownWidth));
  const last = Math.min(width, (view.to - view.from) * view.zoom - left);
  for (let i = first; i * shownWidth < last; i++) {
    const time = start + ((i + 0.5) * shownWidth * pace) / view.zoom;
    const place = Math.max(0, lastAt(times, time));
    g.drawImage(image, place * tile, 0, tile, image.height, left + i * shownWidth, top, shownWidth, height);
  }
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Segment} segment
 * @param {number} top
 * @param {number} height
 * @param {number} left
 * @param {number} width
 */
function drawWave(g, view, segment, top, height, left, width) {
  const peaks = view.media.peaks.get(segment.source ?? "");
  if (!peaks) return;
  const [pace, start] = [paceOf(segment), numberOf(segment.start)];
  const [first, last] = [Math.max(left, 0), Math.min(left + width, (view.to - view.from) * view.zoom)];
  g.fillStyle = view.colours.wave;
  for (let at = first; at < last; at++) {
    const from = start + ((at - left) * pace) / view.zoom;
    const half = Math.max(0.5, (loudest(peaks, from, from + pace / view.zoom) * (height - 4)) / 2);
    g.fillRect(at, top + height / 2 - half, 1, 2 * half);
  }
}

/**
 * The shots of the source along the upper edge, its key frames along the lower one.
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Segment} segment
 * @param {Lane} lane
 */
function drawMarkers(g, view, segment, lane) {
  const markers = view.state.markers[segment.source ?? ""];
  if (!markers) return;
  const [pace, start, end] = [paceOf(segment), numberOf(segment.start), numberOf(segment.end)];
  const place = (/** @type {number} */ time) => Math.round(x(view, segment.at + (time - start) / pace));
  g.fillStyle = view.colours.text;
  for (const time of markers.shots) {
    if (time <= start || time >= end) continue;
    const at = place(time);
    g.beginPath();
    g.moveTo(at - 4, HEAD);
    g.lineTo(at + 4, HEAD);
    g.lineTo(at, HEAD + 6);
    g.fill();
  }
  const { keyframes } = markers;
  const isDense = keyframes.length > 1 && (keyframes[1] - keyframes[0]) * view.zoom < 8;
  if (isDense) return;
  g.fillStyle = view.colours["text-2"];
  for (const time of keyframes)
    if (time >= start && time < end) g.fillRect(place(time), lane.height - 5, 1, 4);
}

/**
 * A transition: where two segments are both seen.
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Segment} segment
 * @param {Lane} lane
 */
function drawJoin(g, view, segment, lane) {
  const wave = waveOf(lane.height);
  const [a, b] = [x(view, segment.at), x(view, segment.at + segment.overlap)];
  g.fillStyle = "rgb(0 0 0 / 42%)";
  g.fillRect(a, HEAD, b - a, lane.height - HEAD - wave);
  g.strokeStyle = "#fff";
  g.lineWidth = 1.3;
  g.beginPath();
  g.moveTo(a, lane.height - wave);
  g.lineTo(b, HEAD);
  g.moveTo(a, HEAD);
  g.lineTo(b, lane.height - wave);
  g.stroke();
}

/**
 * Copied spans, and encoded ones: hatched until they are made.
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
function drawSpans(g, view, { height }) {
  const { state, colours } = view;
  for (const span of seen(state.spans, view.from, view.to)) {
    const [a, b] = [x(view, span.start), x(view, span.end)];
    const isCopied = span.kind === "copy";
    g.fillStyle = colours[isCopied ? "copied" : "encoded"];
    if (isCopied) g.fillRect(a, height / 2 - 2, Math.max(1, b - a - 1), 4);
    else g.fillRect(a, 2, Math.max(1.5, b - a - 1), height - 4);
  }
  for (const chunk of seen(state.chunks, view.from, view.to)) {
    if (chunk.kind === "copy" || chunk.ready) continue;
    g.save();
    g.beginPath();
    g.rect(x(view, chunk.start), 3, (chunk.end - chunk.start) * view.zoom - 1, height - 6);
    g.clip();
    g.strokeStyle = colours.panel;
    g.lineWidth = 2;
    g.beginPath();
    const [from, to] = [Math.max(-9, x(view, chunk.start)), x(view, Math.min(chunk.end, view.to))];
    for (let at = from - (from % 6) - 12; at < to; at += 6) {
      g.moveTo(at, height);
      g.lineTo(at + height, 0);
    }
    g.stroke();
    g.restore();
  }
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {View} view
 * @param {Lane} lane
 */
function drawSound(g, view, lane) {
  drawClips(g, view, lane, "clip-sound");
  for (const segment of shown(view, lane)) {
    const { left, width } = boxOf(view, segment);
    drawWave(g, view, segment, HEAD - 2, lane.height - HEAD, left, width);
    const beats = view.state.markers[segment.source ?? ""]?.beats ?? [];
    if (beats.length < 2 || (beats[1] - beats[0]) * view.zoom < 6) continue;
    const [pace, start] = [paceOf(segment), numberOf(segment.start)];
    g.fillStyle = view.colours.text;
    for (const beat of beats) {
      const time = segment.at + (beat - start) / pace;
      if (time >= segment.at && time <= segment.to) g.fillRect(x(view, time), lane.height - 6, 1, 4);
    }
  }
}
