import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isListed,
  stageLines,
  withoutStage,
  withParams,
  withStage,
  withStageAt,
} from "../../smartcut/studio/page/yaml-stages.js";
import { flow, NotAValue, parseFlow, scalar } from "../../smartcut/studio/page/yaml-values.js";

/** How a pipeline names a parameter. */
const PLACE = `\${duration}`;
const TEXT = `# a reel
params: {duration: 30s}

stages:
  - shots
  # what counts
  - highlights:
      duration: \${duration}   # as asked
      weights: {relevance: 2}

      order: time
  - title: {text: "Hello: you", at: 1}  # first

  # the file
  - render
`;
const STAGES = [
  { name: "shots", params: null, line: 5 },
  {
    name: "highlights",
    params: { duration: PLACE, weights: { relevance: 2 }, order: "time" },
    line: 7,
  },
  { name: "title", params: { text: "Hello: you", at: 1 }, line: 12 },
  { name: "render", params: null, line: 15 },
];
/** @param {(string | [string, string])[]} changes */
const changed = (...changes) =>
  changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from);
    return text.replace(from, () => to);
  }, TEXT);

test("a setting changes on its own line, and its comment stays", () => {
  const params = { ...STAGES[1].params, duration: "20s" };
  assert.equal(withParams(TEXT, STAGES, 1, params), changed([`duration: ${PLACE}   #`, "duration: 20s  #"]));
});

test("settings come last, and go with their line", () => {
  const { order: _, ...rest } = STAGES[1].params;
  assert.equal(
    withParams(TEXT, STAGES, 1, { ...rest, method: "mmr" }),
    changed(["      order: time\n", "      method: mmr\n"]),
  );
});

test("a stage on one line is written anew with its comment", () => {
  assert.equal(
    withParams(TEXT, STAGES, 2, { text: "Hi", at: 1, size: 0.1 }),
    changed(['{text: "Hello: you", at: 1}', "{text: Hi, at: 1, size: 0.1}"]),
  );
  assert.equal(withParams(TEXT, STAGES, 2, null), changed([': {text: "Hello: you", at: 1}', ""]));
  assert.equal(
    withParams(TEXT, STAGES, 0, { detector: "adaptive" }),
    changed(["- shots", "- shots: {detector: adaptive}"]),
  );
});

test("a stage without settings has no colon", () => {
  const text = "stages:\n  - title:  # mine\n      text: a\n  - render\n";
  const stages = [
    { name: "title", params: { text: "a" }, line: 2 },
    { name: "render", params: null, line: 4 },
  ];
  assert.equal(withParams(text, stages, 0, {}), "stages:\n  - title  # mine\n  - render\n");
});

test("stages are added, removed and moved with the comments above them", () => {
  assert.equal(withStage(TEXT, STAGES, 1, "motion"), changed(["  - shots\n", "  - shots\n  - motion\n"]));
  assert.equal(withStage(TEXT, STAGES, 4, "export"), changed(["  - render\n", "  - render\n  - export\n"]));
  assert.equal(withoutStage(TEXT, STAGES, 3), changed(["  # the file\n  - render\n", ""]));
  const moved = withStageAt(TEXT, STAGES, 1, 0);
  assert.ok(moved.includes("stages:\n  # what counts\n  - highlights:"));
  assert.ok(moved.includes("      order: time\n  - shots\n  - title"));
  assert.deepEqual(moved.split("\n").sort(), TEXT.split("\n").sort());
});

test("stages that share a line are written one below the other first", () => {
  const text = "stages: [shots, {split: 10s}, render]  # all\noutput: a.mp4\n";
  const stages = [
    { name: "shots", params: null, line: 1 },
    { name: "split", params: "10s", line: 1 },
    { name: "render", params: null, line: 1 },
  ];
  assert.equal(
    withParams(text, stages, 1, "20s"),
    "stages:\n  - shots\n  - split: 20s\n  - render\noutput: a.mp4\n",
  );
  assert.equal(withStage("output: a.mp4", [], 0, "shots"), "output: a.mp4\nstages:\n  - shots");
});

test("long settings stand one below the other", () => {
  assert.deepEqual(stageLines("title", { text: "x".repeat(80), at: 1 }), [
    "  - title:",
    `      text: ${"x".repeat(80)}`,
    "      at: 1",
  ]);
});

test("texts that YAML reads otherwise are quoted", () => {
  for (const text of [
    "yes",
    "No",
    "null",
    "",
    "12",
    "1e3",
    "a: b",
    "a #b",
    "- a",
    "{a",
    "[a",
    " a",
    "a ",
    "#fff",
    "1:30",
    "&a",
    "a, b",
    "@x",
    "日: 本",
  ]) {
    assert.equal(scalar(text), JSON.stringify(text));
  }
  for (const text of ["a b", "30s", "media/talk-1.mp4", "720p", "größer", "/a/b", "日本"])
    assert.equal(scalar(text), text);
  assert.equal(scalar(PLACE), `"${PLACE}"`);
});

test("values of one line are read back as they were written", () => {
  const values = [
    1,
    -0.5,
    true,
    false,
    null,
    "a",
    "yes",
    "1",
    "a: b, c",
    [1, "b", [null]],
    { a: { "b c": [1] }, "x: y": "" },
    [],
    {},
    'quote " and \\ back',
    "new\nline",
  ];
  for (const value of values) assert.deepEqual(parseFlow(flow(value)), value);
  assert.deepEqual(parseFlow("{0s: 1, 2s: 1.5, ease: in-out}"), { "0s": 1, "2s": 1.5, ease: "in-out" });
  assert.deepEqual(parseFlow("[a b, 'it''s', 1:30]"), ["a b", "it's", "1:30"]);
  assert.equal(parseFlow("a, b"), "a, b");
});

test("what is no value says what is missing", () => {
  for (const text of ["[1", "{a: 1", "{a}", '"x', "[1] 2"]) assert.throws(() => parseFlow(text), NotAValue);
});

test("a stage of a part is changed, moved and removed where it stands", () => {
  const text = [
    "parts:",
    "  - inputs: [a.mp4]",
    "    stages:",
    "      - shots",
    "      - trim: {end: 2}  # short",
    "  - inputs: [b.mp4]",
    "    stages: [shots, motion]",
    "stages:",
    "  - render",
  ].join("\n");
  const own = [
    { name: "shots", params: null, line: 4 },
    { name: "trim", params: { end: 2 }, line: 5 },
  ];
  const at = (lines, number) => lines.split("\n")[number - 1];
  assert.equal(at(withParams(text, own, 1, { end: 3 }), 5), "      - trim: {end: 3}  # short");
  assert.equal(at(withStageAt(text, own, 1, 0), 4), "      - trim: {end: 2}  # short");
  assert.equal(at(withoutStage(text, own, 1), 5), "  - inputs: [b.mp4]");
  assert.ok(isListed(text, own));
  const shared = [
    { name: "shots", params: null, line: 7 },
    { name: "motion", params: null, line: 7 },
  ];
  assert.ok(!isListed(text, shared));
});
