import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as edits from "../../smartcut/studio/page/edits.js";
import { numberOf } from "../../smartcut/studio/page/numbers.js";

const state = JSON.parse(readFileSync(new URL("state.json", import.meta.url), "utf8"));
const [programme, overlay, titles] = state.tracks;
const [s1, s2, s3] = programme.segments;

test("an edit names a segment by its id and by what it shows", () => {
  assert.deepEqual(edits.matchOf(s1, "programme"), { id: "s1", source: "talk", start: "2.4", end: "9.2" });
  assert.equal(edits.matchOf(overlay.segments[0], "overlay").track, "overlay");
});

test("trimming moves an edge in source time, on whole frames, at the segment's pace", () => {
  const { trim } = edits.trim(state, programme, s1, "start", 1);
  assert.equal(numberOf(trim.start), 3.4);
  assert.equal(trim.end, undefined);
  const fast = { ...s1, end: "16", speed: "2" };
  assert.equal(numberOf(edits.trim(state, programme, fast, "end", -1).trim.end), 14);
  assert.equal(edits.trim(state, programme, s1, "start", 7), null);
  assert.equal(edits.trim(state, programme, s1, "end", 0), null);
});

test("what is drawn lasts as long as one likes: its edges set when and how long", () => {
  const { set } = edits.trim(state, titles, titles.segments[0], "start", 0.5);
  assert.equal(numberOf(set.at), 1);
  assert.equal(numberOf(set.duration), 2.5);
});

test("a split is in source time, and never at an edge", () => {
  assert.equal(numberOf(edits.split(state, programme, s2, s2.at + 1).split.at), 15);
  assert.equal(edits.split(state, programme, s2, s2.at), null);
  assert.equal(edits.split(state, programme, s2, s2.to), null);
});

test("a range over a seam is taken out of both sources", () => {
  const found = edits.removeRange(state, s2.to - 1, s3.at + 1.5);
  assert.deepEqual(
    found.map(({ drop }) => [drop.source, numberOf(drop.start), numberOf(drop.end)]),
    [
      ["talk", 20.6, 21.6],
      ["harbour", 5, 6.5],
    ],
  );
});

test("the order is told by what a segment follows", () => {
  assert.equal(edits.move(programme, s2, 1), null);
  assert.equal(edits.move(programme, s2, 0).move.after, "start");
  assert.equal(edits.move(programme, s1, 1).move.after.id, "s2");
  assert.equal(edits.placeAt(programme, s1, s3.to), 2);
  assert.equal(edits.placeAt(programme, s3, 0), 0);
});

test("a box that is moved is told by the middle that an edit gives it", () => {
  const title = titles.segments[0];
  const before = state.boxes.t1;
  assert.equal(edits.place(titles, title, before, before), null);
  const { set } = edits.place(titles, title, before, { ...before, x: 0.4, y: 0.3 });
  assert.deepEqual([set.x, set.y, set.width], [0.4, 0.31, undefined]);
  const larger = edits.place(overlay, overlay.segments[0], state.boxes.o1, {
    ...state.boxes.o1,
    w: 0.5,
    h: 0.5,
  });
  assert.deepEqual([larger.set.x, larger.set.width, larger.set.height], [0.82, 0.5, 0.5]);
});
