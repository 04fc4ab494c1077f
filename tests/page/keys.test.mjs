import assert from "node:assert/strict";
import test from "node:test";
import { actionOf, keys, written } from "../../smartcut/studio/page/keys.js";

const free = { isTyping: false, isControl: false };

test("no key has two actions", () => {
  const all = keys.flatMap((key) => key.keys);
  assert.equal(new Set(all).size, all.length);
});

test("keys are written the same on every layout and system", () => {
  assert.equal(written({ key: " " }), "Space");
  assert.equal(written({ key: "Z", ctrlKey: true, shiftKey: true }), "Ctrl+Shift+z");
  assert.equal(written({ key: "z", metaKey: true }), "Ctrl+z");
  assert.equal(written({ key: "?", shiftKey: true }), "?");
  assert.equal(written({ key: "ArrowLeft", shiftKey: true }), "Shift+ArrowLeft");
});

test("the table is looked up; other keys are left alone", () => {
  assert.equal(actionOf({ key: "L" }, free), "faster");
  assert.equal(actionOf({ key: "y", ctrlKey: true }, free), "redo");
  assert.equal(actionOf({ key: "c", ctrlKey: true }, free), null);
  assert.equal(actionOf({ key: "F5" }, free), null);
});

test("typing takes every key but saving; a button takes Space and Enter", () => {
  const typing = { isTyping: true, isControl: false };
  assert.equal(actionOf({ key: "s" }, typing), null);
  assert.equal(actionOf({ key: "z", ctrlKey: true }, typing), null);
  assert.equal(actionOf({ key: "s", ctrlKey: true }, typing), "save");
  const control = { isTyping: false, isControl: true };
  assert.equal(actionOf({ key: " " }, control), null);
  assert.equal(actionOf({ key: "j" }, control), "backwards");
});

test("arrows choose among several choices, and undo is undo there too", () => {
  const focus = { isTyping: false, isControl: true, isChoice: true };
  assert.equal(actionOf({ key: "ArrowDown" }, focus), null);
  assert.equal(actionOf({ key: "z", ctrlKey: true }, focus), "undo");
  assert.notEqual(actionOf({ key: "ArrowDown" }, { ...focus, isChoice: false }), null);
});
