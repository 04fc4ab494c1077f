import assert from "node:assert/strict";
import test from "node:test";
import { foldersOf, shortened } from "../../smartcut/studio/page/file-list.js";
import { withStyle } from "../../smartcut/studio/page/style-apply.js";

/** Settings as JSON; those that the page wrote itself are not looked at again. */
const paramsOf = (text) => (text?.startsWith('{"') ? JSON.parse(text) : null);

/** The stages of a text, each of which stands on a line of its own, as the server reads them. */
async function read(text) {
  const lines = text.split("\n");
  const stages = [];
  lines.forEach((line, i) => {
    const match = /^ {2}- (\w+)(?:: (.*?))?(?:\s+#.*)?$/.exec(line);
    if (match) stages.push({ name: match[1], params: paramsOf(match[2]), line: i + 1 });
  });
  return { stages };
}

const STYLE = [
  { name: "transcribe", params: null, line: 1 },
  { name: "motion", params: null, line: 2 },
  { name: "highlights", params: { duration: "60s", weights: { motion: 1 } }, line: 3 },
  { name: "tighten", params: { margin: ["0.1s", "0.2s"] }, line: 4 },
  { name: "render", params: null, line: 5 },
];

test("a style comes into a pipeline that has none of its stages, before what writes", async () => {
  const found = await withStyle("stages:\n  - title\n  - render\n", STYLE, read);
  assert.equal(
    found,
    "stages:\n  - transcribe\n  - motion\n  - highlights: {duration: 60s, weights: {motion: 1}}\n" +
      "  - tighten: {margin: [0.1s, 0.2s]}\n  - title\n  - render\n",
  );
});

test("settings of stages that are there are set, others and comments stay", async () => {
  const text =
    'stages:\n  - transcribe  # with care\n  - highlights: {"duration":"30s","min_length":2}\n  - title\n  - render\n';
  const found = await withStyle(text, [STYLE[0], STYLE[2], STYLE[3]], read);
  assert.equal(
    found,
    "stages:\n  - transcribe  # with care\n  - highlights: {duration: 60s, min_length: 2, weights: {motion: 1}}\n" +
      "  - tighten: {margin: [0.1s, 0.2s]}\n  - title\n  - render\n",
  );
});

test("pauses are cut in what a stage of the pipeline chooses", async () => {
  const found = await withStyle(
    "stages:\n  - transcribe\n  - takes\n  - render\n",
    [STYLE[0], STYLE[3]],
    read,
  );
  assert.match(found, /- takes\n {2}- tighten/);
});

test("files are called as they are seen from the folders, and folders count what lies below them", () => {
  const files = ["/a/film.mp4", "/a/rushes/one.mp4", "/a/rushes/day 2/two.mp4", "/b/three.mp4"];
  const rows = files.map((path) => ({ path, kind: /** @type {const} */ ("film") }));
  assert.equal(shortened("/a/rushes/one.mp4", ["/a", "/b"]), "rushes/one.mp4");
  assert.equal(shortened("/c/one.mp4", ["/a"]), "/c/one.mp4");
  assert.deepEqual(foldersOf(rows, ["/a"]), [
    { path: "/a", count: 3 },
    { path: "/a/rushes", count: 2 },
    { path: "/a/rushes/day 2", count: 1 },
  ]);
});
