import assert from "node:assert/strict";
import test from "node:test";
import {
  beginsWithin,
  endAfter,
  isBuffered,
  isStillWanted,
  mayGrow,
  nextWanted,
  outside,
  placeOf,
  restOf,
  unmade,
} from "../../smartcut/studio/page/feed.js";

const chunk = (key, start, end, kind = "copy", ready = kind === "copy") => ({ key, start, end, kind, ready });
const film = [
  chunk("a", 0, 2),
  chunk("b", 2, 3, "encode"),
  chunk("c", 3, 5),
  chunk("d", 5, 6, "encode", true),
  chunk("e", 6, 60),
];

function now(more = {}) {
  return { at: 0, ahead: 20, isPlaying: false, loaded: new Map(), failed: new Map(), ...more };
}
const loaded = (...pairs) =>
  new Map(pairs.map(([key, how]) => [placeOf(film.find((one) => one.key === key)), how]));

test("what is missing comes first, in order from the playhead; unmade chunks as drafts", () => {
  assert.deepEqual(nextWanted(film, now()), { chunk: film[0], isDraft: false });
  assert.deepEqual(nextWanted(film, now({ loaded: loaded(["a", "real"]) })), {
    chunk: film[1],
    isDraft: true,
  });
  assert.deepEqual(nextWanted(film, now({ at: 5.5 })), { chunk: film[3], isDraft: false });
});

test("drafts are replaced once nothing is missing, but not under the eyes of a viewer", () => {
  const all = loaded(["a", "real"], ["b", "draft"], ["c", "real"], ["d", "real"], ["e", "real"]);
  assert.deepEqual(nextWanted(film, now({ loaded: all })), { chunk: film[1], isDraft: false });
  assert.equal(nextWanted(film, now({ loaded: all, at: 1.5, isPlaying: true })), null);
  assert.equal(nextWanted(film, now({ loaded: all, at: 4 })), null);
});

test("nothing further ahead than asked is fetched", () => {
  const some = loaded(["a", "real"], ["b", "real"]);
  assert.equal(nextWanted(film, now({ ahead: 3, loaded: some })), null);
});

test("a chunk that failed once comes as a draft, and is given up after that", () => {
  const failed = (times) => new Map([[placeOf(film[0]), times]]);
  assert.deepEqual(nextWanted(film, now({ failed: failed(1) })), { chunk: film[0], isDraft: true });
  assert.equal(nextWanted(film, now({ failed: failed(2) })).chunk, film[1]);
});

test("a fetch is given up when something nearer is needed, and only then", () => {
  const real = { chunk: film[4], isDraft: false };
  assert.equal(isStillWanted(real, { chunk: film[1], isDraft: true }, 2), false);
  assert.equal(isStillWanted(real, null, 2), true);
  assert.equal(isStillWanted(real, { chunk: film[4], isDraft: false }, 30), true);
  const replacing = { chunk: film[1], isDraft: false };
  assert.equal(isStillWanted(replacing, { chunk: film[2], isDraft: false }, 2.5), false);
});

test("ranges: where what is buffered ends, and whether a chunk is whole", () => {
  const ranges = [
    [0, 2],
    [2.01, 4],
    [8, 9],
  ];
  assert.equal(endAfter(ranges, 1), 4);
  assert.equal(endAfter(ranges, 6), 6);
  assert.ok(isBuffered(ranges, chunk("x", 8, 9)));
  assert.ok(!isBuffered(ranges, chunk("x", 3, 5)));
});

test("eviction takes what lies outside of the window alone", () => {
  const ranges = [
    [0, 50],
    [100, 110],
  ];
  assert.deepEqual(outside(ranges, 20, 60), [
    [0, 20],
    [100, 110],
  ]);
  assert.deepEqual(outside(ranges, 0, 200), []);
});

test("sound never goes further than the picture, but at the film's end", () => {
  assert.ok(mayGrow(10, 9, 60));
  assert.ok(!mayGrow(10, 10, 60));
  assert.ok(mayGrow(60, 60.2, 60));
});

test("what a render lacks is made from the playhead on, and then from the beginning", () => {
  const more = [...film, chunk("f", 60, 61, "encode")];
  assert.deepEqual(
    unmade(more, 10).map((one) => one.key),
    ["f", "b"],
  );
});

test("a long draft begins near the playhead, and what of it is wanted too", () => {
  const long = chunk("z", 10, 18, "encode");
  assert.equal(beginsWithin(long, 10), 0);
  assert.equal(beginsWithin(long, 12.9), 0);
  assert.equal(beginsWithin(long, 15.7), 5);
  assert.equal(beginsWithin(long, 20), 0);
  assert.equal(beginsWithin(long, 4), 0);
  assert.ok(isBuffered([[15, 18]], restOf(long, 15.7)));
  assert.ok(!isBuffered([[15, 18]], restOf(long, 14)));
  assert.ok(!isBuffered([[15, 18]], restOf(long, 2)));
});
