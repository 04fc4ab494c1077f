import assert from "node:assert/strict";
import { test } from "node:test";
import { difference, pairs } from "../../smartcut/studio/page/differences.js";

const told = (a, b) => difference(a.split(" "), b.split(" ")).map((p) => `${p.kind}:${p.items.join(" ")}`);

test("what went, came and stayed, in as few steps as there are", () => {
  assert.deepEqual(told("a b c d", "a c x d"), ["same:a", "gone:b", "same:c", "new:x", "same:d"]);
  assert.deepEqual(told("a b", "a b"), ["same:a b"]);
  assert.deepEqual(difference([], ["a"]), [{ kind: "new", items: ["a"] }]);
  assert.deepEqual(difference(["a"], []), [{ kind: "gone", items: ["a"] }]);
  assert.deepEqual(difference([], []), []);
});

test("both lists can be read out of a difference, and it is the shortest", () => {
  let seed = 7;
  const random = (n) => {
    seed = (seed * 48271) % 2147483647;
    return seed % n;
  };
  for (let i = 0; i < 200; i++) {
    const [a, b] = [0, 1].map(() => Array.from({ length: random(12) }, () => "abc"[random(3)]));
    const parts = difference(a, b);
    const without = (kind) => parts.filter((p) => p.kind !== kind).flatMap((p) => p.items);
    assert.deepEqual([without("new"), without("gone")], [a, b]);
    const steps = parts.filter((p) => p.kind !== "same").flatMap((p) => p.items).length;
    assert.equal(steps, a.length + b.length - 2 * common(a, b));
  }
});

/** Length of the longest common subsequence, by its definition. */
function common(a, b) {
  if (!a.length || !b.length) return 0;
  const table = Array.from({ length: a.length + 1 }, () => Array(b.length + 1).fill(0));
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) {
      table[i + 1][j + 1] = x === y ? table[i][j] + 1 : Math.max(table[i][j + 1], table[i + 1][j]);
    }
  }
  return table[a.length][b.length];
}

test("lists that have nothing in common are shown as replaced, in bounded time", () => {
  const numbers = (from) => Array.from({ length: 4000 }, (_, i) => String(from + i));
  assert.deepEqual(
    difference(numbers(0), numbers(9000)).map((p) => [p.kind, p.items.length]),
    [
      ["gone", 4000],
      ["new", 4000],
    ],
  );
});

const shown = (id, start, end, at, source = "talk") => ({ id, source, start, end, at, to: at + end - start });

test("segments of two cuts stand beside each other: changed, moved, replaced", () => {
  const before = [shown("a", 0, 4, 0), shown("b", 10, 14, 4), shown("c", 20, 24, 8), shown("d", 30, 34, 12)];
  const after = [shown("a", 0, 3, 0), shown("d", 30, 34, 3), shown("b", 10, 14, 7), shown("e", 50, 52, 11)];
  const found = pairs(before, after).map((p) => [p.kind, p.before?.id ?? "", p.after?.id ?? ""]);
  assert.deepEqual(found, [
    ["changed", "a", "a"],
    ["moved", "d", "d"],
    ["same", "b", "b"],
    ["replaced", "c", "e"],
  ]);
});

test("the same time of another source is no partner, and an exact fraction is", () => {
  const found = pairs([shown("a", "1/2", 2, 0)], [shown("x", "0.5", 2, 0), shown("y", 0, 2, 2, "b")]);
  assert.deepEqual(
    found.map((p) => p.kind),
    ["same", "new"],
  );
});

test("what went where nothing came is gone, and what came where nothing went is new", () => {
  const [a, b, c] = [shown("a", 0, 2, 0), shown("b", 4, 6, 2), shown("c", 8, 9, 4)];
  const kinds = (/** @type {any} */ before, /** @type {any} */ after) =>
    pairs(before, after).map((p) => p.kind);
  assert.deepEqual(kinds([a, b, c], [a, c]), ["same", "gone", "same"]);
  assert.deepEqual(kinds([a, c], [a, b, c]), ["same", "new", "same"]);
});

test("what came where something went has taken its place", () => {
  const found = pairs([shown("a", 0, 2, 0), shown("b", 4, 6, 2)], [shown("x", 8, 9, 0), shown("b", 4, 6, 1)]);
  assert.deepEqual(
    found.map((p) => [p.kind, p.before?.id, p.after?.id]),
    [
      ["replaced", "a", "x"],
      ["same", "b", "b"],
    ],
  );
});
