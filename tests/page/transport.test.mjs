import assert from "node:assert/strict";
import test from "node:test";
import { loopOf, nextEdge, shuttle } from "../../smartcut/studio/page/transport-math.js";

test("the shuttle doubles with each press and turns at once", () => {
  assert.deepEqual(
    [0, 1, 2, 4, 8, -4].map((rate) => shuttle(rate, 1)),
    [1, 2, 4, 8, 8, 1],
  );
  assert.deepEqual(
    [0, -1, 0.5, -8].map((rate) => shuttle(rate, -1)),
    [-1, -2, -1, -8],
  );
});

test("marks are repeated before the segment, and the segment before the film", () => {
  assert.deepEqual(loopOf({ in: 2, out: null }, { at: 1, to: 3 }, 9), [2, 9]);
  assert.deepEqual(loopOf({ in: null, out: null }, { at: 1, to: 3 }, 9), [1, 3]);
  assert.deepEqual(loopOf({ in: null, out: null }, null, 9), [0, 9]);
});

test("cuts are stepped through in both directions, to the film's ends", () => {
  const segments = [
    { at: 0, to: 4 },
    { at: 3.5, to: 8 },
  ];
  assert.equal(nextEdge(segments, 8, 0, 1), 3.5);
  assert.equal(nextEdge(segments, 8, 3.5, 1), 4);
  assert.equal(nextEdge(segments, 8, 8, 1), 8);
  assert.equal(nextEdge(segments, 8, 3.6, -1), 3.5);
  assert.equal(nextEdge(segments, 8, 0, -1), 0);
});
