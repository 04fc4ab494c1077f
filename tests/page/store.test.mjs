import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { ApiError } from "../../smartcut/studio/page/api.js";
import { Store } from "../../smartcut/studio/page/store.js";

const state = JSON.parse(readFileSync(new URL("state.json", import.meta.url), "utf8"));
const version = (number, more = {}) => ({ ...state, version: number, ...more });

function opened(server = {}) {
  const store = new Store(server);
  store.put(version(1));
  return store;
}

test("edits go one after the other, each on the version the one before it gave", async () => {
  const bases = [];
  const store = opened({
    edit: async (base) => {
      bases.push(base);
      return version(base + 1);
    },
  });
  const done = await Promise.all([store.edit({ drop: {} }), store.edit([{ move: {} }])]);
  assert.deepEqual(done, [true, true]);
  assert.deepEqual(bases, [1, 2]);
  assert.equal(store.state.version, 3);
});

test("an edit on an older version shows the newer cut and says so", async () => {
  const store = opened({
    edit: async () => {
      throw new ApiError(409, version(7), "conflict");
    },
  });
  const said = [];
  store.on("message", (message) => said.push(message));
  assert.equal(await store.edit({ drop: {} }), false);
  assert.equal(store.state.version, 7);
  assert.equal(said[0].kind, "warning");
});

test("what the server refuses is shown in its words, and the next edit still goes", async () => {
  let calls = 0;
  const store = opened({
    edit: async (base) => {
      calls += 1;
      if (calls === 1) throw new ApiError(422, { error: "no such segment" }, "no such segment");
      return version(base + 1);
    },
  });
  const said = [];
  store.on("message", (message) => said.push(message.text));
  assert.equal(await store.edit({ trim: {} }), false);
  assert.equal(await store.edit({ trim: {} }), true);
  assert.deepEqual(said, ["no such segment"]);
});

test("listeners hear which fields changed, and nothing of an older state", () => {
  const store = opened();
  const heard = [];
  store.subscribe((_, changed) => heard.push([...changed]));
  store.put(version(2, { notes: ["new"] }));
  store.put(version(1, { notes: [] }));
  assert.equal(heard.length, 2);
  assert.deepEqual(heard[1].sort(), ["notes", "version"]);
});

test("a selection goes with its segment", () => {
  const store = opened();
  store.select("s1");
  store.put(version(2, { tracks: [] }));
  assert.equal(store.selected, null);
});

test("in and out stay in order: the later mark wins", () => {
  const store = opened();
  store.mark({ in: 5 });
  store.mark({ out: 9 });
  assert.deepEqual(store.range, { in: 5, out: 9 });
  store.mark({ in: 10 });
  assert.deepEqual(store.range, { in: 10, out: null });
  store.mark({ out: 4 });
  assert.deepEqual(store.range, { in: null, out: 4 });
});

test("seeking stays in the cut, on its last frame at most", () => {
  const store = opened();
  const asked = [];
  store.attach({ seek: (t) => asked.push(t), play() {}, pause() {}, isPlaying: false });
  store.seek(-3);
  store.seek(1e6);
  assert.equal(asked[0], 0);
  assert.ok(asked[1] < state.duration && asked[1] > state.duration - 2 / 30);
  assert.equal(store.playhead, asked[1]);
});
