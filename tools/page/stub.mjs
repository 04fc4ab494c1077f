/**
 * The page without smartcut: answers tests/page/state.json and what it is asked to change.
 * `node tools/page/stub.mjs [PORT]`. Edits only raise the version; other answers are in `answers` below.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const page = new URL("../../smartcut/studio/page/", import.meta.url);
const fixtures = new URL("../../tests/page/", import.meta.url);
const kinds = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};
const policy =
  "default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'";
const state = JSON.parse(await readFile(new URL("state.json", fixtures), "utf8"));

/** Files of tests/page with these names answer the rest of the API, where there are any. */
async function answer(path) {
  if (path === "/api/state") return state;
  const name = path.replace("/api/", "").split("/")[0];
  return JSON.parse(await readFile(new URL(`${name}.json`, fixtures), "utf8"));
}

function changed(name) {
  state.version += 1;
  state.can_undo = name !== "undo";
  state.can_redo = name === "undo";
  state.is_saved = name === "save";
  return name === "save" ? { path: "reel.edits.yaml" } : state;
}

async function serve(request, response) {
  const path = new URL(request.url, "http://127.0.0.1").pathname;
  if (path === "/api/events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": stub\n\n");
    return;
  }
  const isFile = path === "/" || path.startsWith("/page/");
  const name = path === "/" ? "index.html" : path.replace("/page/", "");
  const body = isFile
    ? await readFile(new URL(name, page))
    : JSON.stringify(request.method === "POST" ? changed(path.replace("/api/", "")) : await answer(path));
  const kind = isFile ? kinds[extname(name)] : "application/json";
  response.writeHead(200, { "Content-Type": kind, "Content-Security-Policy": policy }).end(body);
}

const port = Number(process.argv[2] ?? 8765);
createServer((request, response) =>
  serve(request, response).catch((error) =>
    response
      .writeHead(404, { "Content-Type": "application/json" })
      .end(JSON.stringify({ error: String(error) })),
  ),
).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
