import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtBack } from "../../smartcut/studio/page/returns.js";
import {
  find,
  joined,
  paragraphs,
  pieces,
  ranges,
  strikes,
  timeline,
  wordAt,
} from "../../smartcut/studio/page/words.js";

/** "we|um|cut" as words of 0.3 s, 0.5 s apart; `kept` false for those in brackets. */
const said = (text, { source = "talk", speaker = "A", from = 0 } = {}) =>
  text.split(" ").map((word, i) => ({
    text: word.replace(/[[\]]/g, ""),
    source,
    speaker,
    kept: !word.startsWith("["),
    start: from + i * 0.5,
    end: from + i * 0.5 + 0.3,
    probability: null,
    places: [],
  }));

test("words know where the film shows them, also twice", () => {
  const words = joined(
    [
      {
        source: "talk",
        words: [
          { text: " one", start: "1/2", end: 0.8 },
          { text: "two", start: 1, end: 1.3 },
        ],
      },
    ],
    [
      { source: "talk", from: 0.5, start: 4, end: 4.3, segment: "s1" },
      { source: "talk", from: "0.5", start: 9, end: 9.3, segment: "s2" },
      { source: "other", from: 1, start: 2, end: 2.3, segment: "s3" },
    ],
  );
  assert.deepEqual(
    words.map((w) => [w.text, w.kept, w.places.map((p) => p.at)]),
    [
      ["one", true, [4, 9]],
      ["two", false, []],
    ],
  );
});

test("a paragraph ends with its speaker, its source, a long pause, or a sentence after many words", () => {
  const words = [
    ...said("a b c"),
    ...said("d", { speaker: "B", from: 1.5 }),
    ...said("e", { speaker: "B", from: 4 }),
    ...said("f", { source: "b", speaker: "B" }),
  ];
  assert.deepEqual(
    paragraphs(words).map((p) => [p.source, p.speaker, p.from, p.to]),
    [
      ["talk", "A", 0, 3],
      ["talk", "B", 3, 4],
      ["talk", "B", 4, 5],
      ["b", "B", 5, 6],
    ],
  );
  const long = said(Array.from({ length: 100 }, (_, i) => (i === 79 ? "end." : "w")).join(" "));
  assert.deepEqual(
    paragraphs(long).map((p) => p.to),
    [80, 100],
  );
});

test("a struck word takes the pause after it along, and no part of a neighbour", () => {
  const words = said("so um the");
  const [range] = ranges(words, [1]);
  assert.equal(range.source, "talk");
  assert.equal(range.start, 0.45);
  assert.equal(range.end, 0.95);
  const close = [
    { ...words[0], end: 0.5 },
    { ...words[1], start: 0.5, end: 0.98 },
    { ...words[2], start: 1 },
  ];
  assert.deepEqual(ranges(close, [1]), [{ source: "talk", start: 0.5, end: 0.99 }]);
});

test("a long pause after struck words stays but for its beginning", () => {
  const words = [...said("so um"), ...said("the", { from: 5 })];
  assert.equal(ranges(words, [1])[0].end, 1.1);
  assert.equal(ranges(words, [2])[0].end, 5.3);
});

test("each run of chosen words is an edit of its own, in one source", () => {
  const words = [...said("a [b] c d"), ...said("e", { source: "other" })];
  assert.deepEqual(
    strikes(words, [3, 2, 4]).map((e) => [e.drop.source, e.drop.why]),
    [
      ["talk", "words struck"],
      ["other", "words struck"],
    ],
  );
  assert.deepEqual(strikes(words, [1]), []);
});

test("a phrase is found whatever its case, accents and punctuation, and by its beginning", () => {
  const words = said("The Café, is open; the cafeteria closed");
  assert.deepEqual(find(words, "cafe"), [
    { from: 1, to: 2 },
    { from: 5, to: 6 },
  ]);
  assert.deepEqual(find(words, "the cafe is"), [{ from: 0, to: 3 }]);
  assert.deepEqual(find(words, "the caf"), [
    { from: 0, to: 2 },
    { from: 4, to: 6 },
  ]);
  assert.deepEqual(find(words, "  "), []);
});

test("the word that is said at a time", () => {
  const words = said("a b").map((w, i) => ({
    ...w,
    places: [{ at: 5 - 3 * i, to: 5.3 - 3 * i, segment: "s" }],
  }));
  const places = timeline(words);
  assert.deepEqual(
    [1, 2.1, 2.4, 5, 6].map((t) => wordAt(places, t)),
    [-1, 1, -1, 0, -1],
  );
});

test("long runs of words that are left out are folded", () => {
  const words = said("a [b] c [d] [e] [f]");
  assert.deepEqual(pieces(words, { source: "", speaker: "", from: 0, to: 6 }, 2), [
    { from: 0, to: 1, kept: true, folded: false },
    { from: 1, to: 2, kept: false, folded: false },
    { from: 2, to: 3, kept: true, folded: false },
    { from: 3, to: 6, kept: false, folded: true },
  ]);
});

test("words that no edit struck are put in; what struck others goes, or gets smaller", () => {
  const words = said("a [b] [c] [d] [e] f [g] h");
  const struck = { drop: { source: "talk", start: 0.45, end: "2.45", why: "words struck" } };
  const edits = [{ trim: {} }, struck];
  assert.deepEqual(broughtBack(words, [6], edits), {
    amended: [],
    added: [{ keep: { source: "talk", start: 2.95, end: 3.45 } }],
  });
  assert.deepEqual(broughtBack(words, [0, 1, 2, 3, 4], edits), {
    amended: [{ number: 1, edit: null }],
    added: [],
  });
  const [all] = [broughtBack(words, [3, 4, 6], edits)];
  assert.deepEqual(all.amended, [{ number: 1, edit: { drop: { ...struck.drop, end: 1.45 } } }]);
  assert.deepEqual(all.added, [{ keep: { source: "talk", start: 2.95, end: 3.45 } }]);
});

test("a word in the middle of what was struck leaves two struck ranges", () => {
  const words = said("a [b] [c] [d] e");
  const drop = { source: "talk", start: 0.45, end: 1.95 };
  assert.deepEqual(broughtBack(words, [2], [{ drop }]), {
    amended: [{ number: 0, edit: { drop: { ...drop, end: 0.95 } } }],
    added: [{ drop: { ...drop, start: 1.45 } }],
  });
  assert.deepEqual(broughtBack(words, [2], [{ drop: { ...drop, source: "other" } }]).amended, []);
});
