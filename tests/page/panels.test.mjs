import assert from "node:assert/strict";
import { test } from "node:test";
import { described, pointedAt } from "../../smartcut/studio/page/edit-words.js";
import { filtered, labelOf, sorted } from "../../smartcut/studio/page/moments.js";
import { byStage, estimate, reasons, shares } from "../../smartcut/studio/page/plan-sums.js";

const names = new Map([["talk", "talk.mp4"]]);
const match = { id: "s1", source: "talk", start: "62/5", end: 20 };
const told = (edit) => {
  const { title, text, why } = described(edit, names);
  return [title, text, why].filter(Boolean).join(" | ");
};

test("edits are told in words", () => {
  assert.equal(
    told({ drop: { source: "talk", start: 1, end: "3/2", why: "words struck" } }),
    "Taken out | 0:01.0 – 0:01.5 of talk.mp4 | words struck",
  );
  assert.equal(told({ drop: { segment: { ...match, text: "Hello" } } }), "Taken out | “Hello”");
  assert.equal(
    told({ keep: { source: "b", start: 0, end: 1, after: "start" } }),
    "Put in | 0:00.0 – 0:01.0 of b, to the start",
  );
  assert.equal(
    told({ move: { segment: match, after: match } }),
    "Moved | 0:12.4 – 0:20.0 of talk.mp4, after 0:12.4 – 0:20.0 of talk.mp4",
  );
  assert.equal(
    told({ trim: { segment: match, end: 18 } }),
    "Trimmed | 0:12.4 – 0:20.0 of talk.mp4 ends at 0:18.00",
  );
  assert.equal(
    told({ split: { segment: match, at: "1:02.5" } }),
    "Split | 0:12.4 – 0:20.0 of talk.mp4, at 1:02.5",
  );
  assert.equal(
    told({ set: { segment: match, speed: 2, transition: null, was: { speed: 1 } } }),
    "Changed | speed 2, transition none: 0:12.4 – 0:20.0 of talk.mp4",
  );
  assert.equal(told({ set: { track: "music", gain: -6 } }), "Changed | gain -6: the track “music”");
  assert.equal(told({ add: { title: { text: "Hi", at: 2 } } }), "Added | title “Hi” at 2");
  assert.equal(
    told({ replace: { segment: match, source: "talk", start: 30, end: 31 } }),
    "Replaced | 0:12.4 – 0:20.0 of talk.mp4 by 0:30.0 – 0:31.0 of talk.mp4",
  );
  assert.equal(told({ sing: { a: 1 } }), 'sing | {"a":1}');
});

const other = { id: "s9", source: "talk", start: "40", end: "44", text: null };

test("an edit is pointed at another segment: as far into it, and not beyond it", () => {
  assert.deepEqual(pointedAt({ trim: { segment: match, start: 13.4, end: 19 } }, other), {
    trim: { segment: { id: "s9", source: "talk", start: "40", end: "44" }, start: 41, end: 44 },
  });
  assert.deepEqual(
    pointedAt({ set: { segment: match, speed: 2 } }, other, "titles").set.segment.track,
    "titles",
  );
  assert.deepEqual(pointedAt({ drop: { source: "talk", start: 1, end: 2, why: "x" } }, other), {
    drop: { segment: { id: "s9", source: "talk", start: "40", end: "44" }, why: "x" },
  });
  assert.equal(pointedAt({ add: { title: { text: "a" } } }, other), null);
});

const moment = (id, score, start, end, more = {}) => ({
  id,
  source: "talk",
  start,
  end,
  score,
  scores: {},
  chosen: false,
  text: "",
  ...more,
});

test("moments are found by their words and their file, and come in the order asked for", () => {
  const moments = [
    moment("a", 0.2, 9, 10, { text: "The Boats" }),
    moment("b", 0.9, "7/2", 8),
    moment("c", 0.5, 1, 3, { chosen: true }),
    moment("d", null, 0, 1),
  ];
  const ids = (list) => list.map((one) => one.id).join("");
  assert.equal(ids(filtered(moments, "", names, false)), "abd");
  assert.equal(ids(filtered(moments, "boats TALK", names, true)), "a");
  assert.equal(ids(sorted(moments, "score")), "bcad");
  assert.equal(ids(sorted(moments, "time")), "dcba");
  assert.equal(ids(sorted(moments, "length")), "bcda");
});

const span = (kind, start, end, reason = "") => ({ kind, start, end, reason, frames: 1 });

test("a plan in few numbers", () => {
  const spans = [
    span("copy", 0, 6),
    span("encode", 6, 7, "title"),
    span("encode", 7, 9, "dissolve"),
    span("encode", 9, 10, "title"),
  ];
  assert.deepEqual(shares(spans), { copied: 6, encoded: 4, share: 0.6 });
  assert.deepEqual(shares([]), { copied: 0, encoded: 0, share: 0 });
  assert.deepEqual(
    reasons(spans).map((r) => [r.reason, r.seconds, r.spans.length]),
    [
      ["title", 2, 2],
      ["dissolve", 2, 1],
    ],
  );
});

test("steps stand under their stage, which shows the weightiest of them", () => {
  const step = (stage, state, expected = null) => ({ stage, state, subject: "a", reason: "", expected });
  const steps = [
    step("shots", "cached"),
    step("render", "copy"),
    step("shots", "run", 2),
    step("render", "encode", 1.5),
  ];
  assert.deepEqual(
    byStage(steps).map((g) => [g.stage, g.state, g.steps.length]),
    [
      ["shots", "run", 2],
      ["render", "encode", 2],
    ],
  );
  assert.equal(estimate({ steps }), 3.5);
  assert.equal(estimate({ steps, estimate_seconds: 7 }), 7);
  assert.equal(estimate({ steps: [step("a", "run")] }), null);
});

test("a moment is named by its first words", () => {
  assert.deepEqual(labelOf({ text: "one two  three" }), { label: "one two three" });
  assert.deepEqual(labelOf({ text: "a b c d e f g" }), { label: "a b c d e f …" });
  assert.deepEqual(labelOf({ text: "" }), {});
});
