import assert from "node:assert/strict";
import test from "node:test";
import { BrokenMedia, Buffer } from "../../smartcut/studio/page/buffer.js";

/** A SourceBuffer as browsers have it: a change is told of by two events, each in a task of its own. */
class FakeSource extends EventTarget {
  updating = false;
  log = [];
  ranges = [];
  fails = false;

  get buffered() {
    const { ranges } = this;
    return { length: ranges.length, start: (i) => ranges[i][0], end: (i) => ranges[i][1] };
  }

  change(name, ...given) {
    if (this.updating) throw new DOMException("still processing", "InvalidStateError");
    this.updating = true;
    this.log.push([name, ...given]);
    setTimeout(() => {
      this.updating = false;
      this.dispatchEvent(new Event(this.fails ? "error" : "update"));
      setTimeout(() => this.dispatchEvent(new Event("updateend")));
    });
  }

  appendBuffer(data) {
    this.change("append", data);
  }

  remove(from, to) {
    this.change("remove", from, to);
  }
}

function buffer(at = 500) {
  const source = new FakeSource();
  const media = { addSourceBuffer: () => source, readyState: "open" };
  return { source, made: new Buffer(media, "video/mp4", () => at) };
}

test("what is far is removed range by range, right after data were put in", async () => {
  const { source, made } = buffer();
  source.ranges = [
    [0, 100],
    [200, 300],
    [450, 520],
    [600, 700],
  ];
  await Promise.all([made.append("a", 0), made.tidy(), made.append("b")]);
  assert.deepEqual(source.log, [
    ["append", "a"],
    ["remove", 0, 100],
    ["remove", 200, 300],
    ["remove", 600, 700],
    ["append", "b"],
  ]);
});

test("data that the browser cannot decode end the media", async () => {
  const { source, made } = buffer();
  source.fails = true;
  await assert.rejects(made.append("a", 0), BrokenMedia);
});

test("little that is far stays", async () => {
  const { source, made } = buffer();
  source.ranges = [[405, 594]];
  await made.tidy();
  assert.deepEqual(source.log, []);
});
