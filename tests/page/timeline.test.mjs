import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  fitting,
  lanesOf,
  lastAt,
  loudest,
  MOST_ZOOM,
  scoreNames,
  scrollFor,
  ticks,
  within,
} from "../../smartcut/studio/page/timeline-geometry.js";
import {
  costOf,
  edgeTargets,
  following,
  nearest,
  placeTargets,
} from "../../smartcut/studio/page/timeline-snap.js";

const state = JSON.parse(readFileSync(new URL("state.json", import.meta.url), "utf8"));
const [programme, overlay] = state.tracks;
const none = { in: null, out: null };
const close = (value, wanted) => assert.ok(Math.abs(value - wanted) < 1e-6, `${value}, not ${wanted}`);

test("lanes lie below each other, what is above the film above it", () => {
  const lanes = lanesOf(state);
  const kinds = lanes.map((lane) => lane.kind);
  assert.deepEqual(kinds, ["ruler", "above", "above", "programme", "spans", "words", "scores", "sound"]);
  assert.equal(lanes[1].label, "Titles");
  for (const [i, lane] of lanes.slice(1).entries()) assert.ok(lane.top >= lanes[i].top + lanes[i].height);
});

test("lanes without anything in them are left out", () => {
  const bare = {
    ...state,
    words: [],
    tracks: [{ ...programme, segments: [{ ...programme.segments[0], scores: {} }] }],
  };
  assert.deepEqual(
    lanesOf(bare).map((lane) => lane.kind),
    ["ruler", "programme", "spans"],
  );
  assert.deepEqual(scoreNames(bare), []);
});

test("the zoom stays between the whole film and some frames", () => {
  const fit = fitting(60, 1224);
  assert.equal(fit, 20);
  assert.equal(within(1, 60, 1224), 20);
  assert.equal(within(1e6, 60, 1224), MOST_ZOOM);
  assert.equal(scrollFor(30, 100, 50), 1400);
});

test("ticks have room for their labels at every zoom, and none is missing", () => {
  for (const zoom of [0.5, 3, 20, 77, 300, MOST_ZOOM]) {
    const found = ticks(zoom, 10, 10 + 1000 / zoom);
    const large = found.filter((tick) => tick.isLarge);
    assert.ok(large.length > 1 && (large[1].time - large[0].time) * zoom >= 74, `at ${zoom}`);
    assert.ok(found.length < 200);
  }
});

test("tiles and peaks are looked up by source time", () => {
  assert.equal(lastAt([0, 2, 4], 3.9), 1);
  assert.equal(lastAt([0, 2, 4], 4), 2);
  assert.equal(lastAt([1], 0.5), -1);
  const peaks = new Uint8Array(300).fill(0);
  peaks[150] = 255;
  assert.equal(loudest(peaks, 1.4, 1.6), 1);
  assert.equal(loudest(peaks, 2, 9), 0);
});

test("an edge snaps to words, shots and key frames of its source, where they would be seen", () => {
  const segment = programme.segments[1]; // talk 14 to 21.6, at 6.8
  const transcript = [{ source: "talk", words: [{ text: "boats", start: "15", end: "31/2" }] }];
  const about = { state, segment, transcript, playhead: 0, range: none };
  const start = edgeTargets({ ...about, side: "start" });
  const word = start.find((target) => target.kind === "word");
  close(word.time, 6.8 + 1);
  close(edgeTargets({ ...about, side: "end" }).find((target) => target.kind === "word").time, 6.8 + 1.5);
  close(start.find((target) => target.kind === "shot" && target.time > 6).time, 6.8 - 0.1);
  assert.ok(start.some((target) => target.kind === "key frame"));
  assert.ok(
    !start.some((target) => target.kind === "beat"),
    "beats of the music move with the film's beginning",
  );
  assert.ok(edgeTargets({ ...about, side: "end" }).some((target) => target.kind === "beat"));
});

test("the nearest target within reach is taken, a word before a key frame", () => {
  const targets = [
    { time: 5, kind: "key frame", label: "" },
    { time: 5, kind: "word", label: "so" },
    { time: 5.2, kind: "shot", label: "" },
  ];
  assert.equal(nearest(targets, 5.02, 0.1).kind, "word");
  assert.equal(nearest(targets, 5.15, 0.1).kind, "shot");
  assert.equal(nearest(targets, 6, 0.1), null);
  assert.equal(following(targets, 5, 1).time, 5.2);
  assert.equal(following(targets, 5.2, -1).time, 5);
  assert.equal(following(targets, 5.2, 1), null);
});

test("what lies above snaps to cuts, words, beats and the playhead, but not to itself", () => {
  const own = overlay.segments[0];
  const targets = placeTargets(state, own, 17, { in: 3, out: null });
  assert.ok(targets.some((target) => target.kind === "playhead" && target.time === 17));
  assert.ok(targets.some((target) => target.kind === "mark" && target.time === 3));
  assert.ok(targets.some((target) => target.kind === "cut" && target.time === programme.segments[0].to));
  assert.ok(!targets.some((target) => target.kind === "cut" && target.time === own.at));
});

test("a cut costs the frames up to the next key frame; a key frame costs none", () => {
  const segment = programme.segments[1];
  const at = (source) => segment.at + source - 14;
  assert.deepEqual(costOf(state, segment, "start", at(14)), {
    kind: "copy",
    frames: 0,
    text: "copied: a key frame",
  });
  assert.equal(costOf(state, segment, "start", at(14.5)).frames, 45);
  assert.equal(costOf(state, segment, "end", at(20.3)).kind, "copy");
  const encoded = { ...state, spans: [{ kind: "encode", reason: "x", start: 0, end: 99, frames: 1 }] };
  assert.equal(costOf(encoded, segment, "start", at(14.5)), null);
});
