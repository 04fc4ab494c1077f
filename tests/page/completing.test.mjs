import assert from "node:assert/strict";
import test from "node:test";
import { partsOf } from "../../smartcut/studio/page/yaml-colours.js";
import { completions } from "../../smartcut/studio/page/yaml-completing.js";

const schema = {
  $defs: {
    "stage-trim": {
      description: "Keeps a part.",
      properties: { start: { type: "number", description: "From when on." }, end: { type: "number" } },
    },
    "stage-title": {
      description: "Draws a text.",
      properties: {
        text: { type: "string" },
        position: { enum: ["top", "middle", "bottom"] },
        burn: { type: "boolean" },
      },
    },
    "stage-transcribe": { description: "Hears words.", properties: {} },
  },
};
const offered = (text) => {
  const caret = text.indexOf("|");
  const found = completions(text.replace("|", ""), caret, schema);
  return found?.items.map((one) => one.text) ?? null;
};

test("names of stages are offered in a list of stages, of parts too", () => {
  assert.deepEqual(offered("stages:\n  - t|"), ["title", "transcribe", "trim"]);
  assert.deepEqual(offered("stages:\n- tr|"), ["transcribe", "trim"]);
  assert.deepEqual(offered("parts:\n  - inputs: [a]\n    stages:\n      - trim: {end: 1}\n      - ti|"), [
    "title",
  ]);
  assert.equal(offered("inputs:\n  - t|"), null);
  assert.equal(offered("stages:\n  - trim|"), null);
  assert.equal(offered("stages:\n  - x # t|"), null);
});

test("settings of the stage are offered, and what they take", () => {
  assert.deepEqual(offered("stages:\n  - trim:\n      |"), ["start", "end"]);
  assert.deepEqual(offered("stages:\n  - trim:\n      start: 1\n      e|"), ["end"]);
  assert.deepEqual(offered("stages:\n  - trim: {s|"), ["start"]);
  assert.deepEqual(offered("stages:\n  - title: {text: a, position: |"), ["top", "middle", "bottom"]);
  assert.deepEqual(offered("stages:\n  - title:\n      position: b|"), ["bottom"]);
  assert.deepEqual(offered("stages:\n  - title:\n      burn: |"), ["true", "false"]);
  assert.equal(offered("stages:\n  - title:\n      text: |"), null);
  assert.equal(offered("params:\n  length: |"), null);
});

test("keys of the whole are offered at the left edge", () => {
  assert.deepEqual(offered("st|"), ["stages"]);
});

test("the parts of a line are of one kind each, and together all of it", () => {
  const kinds = (line) =>
    partsOf(line)
      .filter(({ text }) => text.trim())
      .map(({ kind, text }) => `${kind} ${text}`);
  assert.deepEqual(kinds('- title: {text: "a # b", size: 0.1}  # big'), [
    "sign -",
    "key title",
    "sign :",
    "sign {",
    "key text",
    "sign :",
    'string "a # b"',
    "sign ,",
    "key size",
    "sign :",
    "number 0.1",
    "sign }",
    "comment # big",
  ]);
  assert.deepEqual(kinds("burn: true"), ["key burn", "sign :", "word true"]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is YAML's
  assert.deepEqual(kinds("length: ${duration}"), ["key length", "sign :", "place ${duration}"]);
  for (const line of ["a#b: c", "'it''s': x", "- [0f-10f, 1:02.5]", "\t-x", '"unclosed', "${", "€: é"])
    assert.equal(
      partsOf(line)
        .map((one) => one.text)
        .join(""),
      line,
    );
});
