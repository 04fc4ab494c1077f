import assert from "node:assert/strict";
import test from "node:test";
import { clock, duration, numberOf, onFrames, timecode } from "../../smartcut/studio/page/numbers.js";

test("exact times are read in every form that the server writes", () => {
  assert.equal(numberOf("62/5"), 12.4);
  assert.equal(numberOf("1:02.5"), 62.5);
  assert.equal(numberOf("1:00:00"), 3600);
  assert.equal(numberOf("-0.25"), -0.25);
  assert.equal(numberOf(3), 3);
  assert.ok(Number.isNaN(numberOf("soon")));
  assert.ok(Number.isNaN(numberOf(null)));
});

test("times go to whole frames as exact text, at broadcast rates too", () => {
  assert.equal(onFrames(1.5, "30000/1001"), "45045/30000");
  assert.equal(onFrames(0.4999, "30"), "15/30");
  assert.equal(numberOf(onFrames(7.3, "25")), 7.32);
});

test("a time code counts frames, and a clock reads as people write it", () => {
  assert.equal(timecode(3723.5, 30), "1:02:03:15");
  assert.equal(timecode(2 / 30, 30), "0:00:00:02");
  assert.equal(clock(7.46, 1), "0:07.5");
  assert.equal(clock(723), "12:03");
  assert.equal(clock(3723), "1:02:03");
  assert.equal(clock(59.96, 1), "1:00.0");
});

test("durations are in words", () => {
  assert.equal(duration(0.85), "850 ms");
  assert.equal(duration(12.44), "12.4 s");
  assert.equal(duration(185), "3 min 05 s");
});
