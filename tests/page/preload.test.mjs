import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import test from "node:test";

const page = new URL("../../smartcut/studio/page/", import.meta.url);
const text = (name) => readFileSync(new URL(name, page), "utf8");

/** Every module that a module needs before it runs, itself too. */
function needed(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, other] of text(name).matchAll(/^(?:import|export)\s(?:[^;]*?from\s)?"\.\/([\w.-]+)";/gm))
    needed(other, found);
  return found;
}

test("the page names every module that it begins with, so that none is found late", () => {
  const html = text("index.html");
  const named = [...html.matchAll(/rel="modulepreload" href="\/page\/([\w.-]+)"/g)].map((match) => match[1]);
  const begun = [...needed("app.js")].filter((name) => name !== "app.js");
  assert.deepEqual(named.sort(), begun.sort());
});

test("the page refers to nothing outside of itself, and holds no inline script or style", () => {
  for (const name of readdirSync(page)) {
    const body = text(name);
    const foreign = [...body.matchAll(/(?:https?:)?\/\/[\w.-]+\.\w+/g)].map((match) => match[0]);
    const known = foreign.filter((one) => !/^http:\/\/www\.w3\.org$/.test(one));
    assert.deepEqual(known, [], name);
    if (name.endsWith(".js")) assert.doesNotMatch(body, /\.innerHTML|insertAdjacentHTML|\beval\(/, name);
  }
  assert.doesNotMatch(text("index.html"), /\sstyle=|\son\w+=|<style|<script>/);
});

test("the whole page weighs less than 500 kB, and no file is longer than 400 lines", () => {
  const names = readdirSync(page);
  const weight = names.reduce((sum, name) => sum + statSync(new URL(name, page)).size, 0);
  assert.ok(weight < 500_000, `${weight} bytes`);
  for (const name of names) assert.ok(text(name).split("\n").length <= 401, name);
});
