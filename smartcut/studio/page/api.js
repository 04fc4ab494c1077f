/** Calls of the server: JSON in and out, errors as one class with the server's own words. */

import { played } from "./codec.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").StudioEvent} StudioEvent */

export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 where no answer came
   * @param {any} body what the server said
   * @param {string} message
   */
  constructor(status, body, message) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<any>}
 */
async function read(answer) {
  if (!answer.ok) throw await failure(answer);
  const text = await answer.text();
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  return isJson && text ? JSON.parse(text) : text;
}

/**
 * What the server said in place of an answer.
 * @param {Response} answer
 */
export async function failure(answer) {
  const text = await answer.text();
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  const body = isJson && text ? JSON.parse(text) : text;
  const said = body?.error ?? body?.errors?.map((/** @type {any} */ e) => e.message).join("\n");
  return new ApiError(answer.status, body, said || text || `the server answered ${answer.status}`);
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function call(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, null, "smartcut no longer answers: start `smartcut studio` again");
  }
  return read(answer);
}

/**
 * @param {string} path
 * @param {object} [body]
 */
function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

const id = encodeURIComponent;

export const api = {
  /** @returns {Promise<State>} */
  state: () => call(`/api/state?codecs=${played()}`),
  /** @returns {Promise<any>} */
  plan: () => call("/api/plan"),
  /** @returns {Promise<any>} */
  expected: () => call("/api/expected"),
  /** @returns {Promise<{changed: string[]}>} */
  changedFiles: () => call("/api/changed-files"),
  /** @returns {Promise<any>} */
  transcript: () => call("/api/transcript"),
  /** @returns {Promise<any>} */
  candidates: () => call("/api/candidates"),
  /** @returns {Promise<any>} */
  elisions: () => call("/api/elisions"),
  /** @returns {Promise<any>} */
  takes: () => call("/api/takes"),
  /** @param {string} segment @returns {Promise<any>} */
  why: (segment) => call(`/api/why/${id(segment)}`),
  /** @returns {Promise<any>} */
  pipeline: () => call("/api/pipeline"),
  /** @returns {Promise<any>} */
  schema: () => call("/api/schema"),
  /** @param {string|number} a @param {string|number} b @returns {Promise<any>} */
  compare: (a, b) => call(`/api/compare?a=${id(a)}&b=${id(b)}`),

  /** @param {number} base @param {object[]} ops @returns {Promise<State>} */
  edit: (base, ops) => post("/api/edit", { base, ops }),
  /** @param {number} base @returns {Promise<State>} */
  undo: (base) => post("/api/undo", { base }),
  /** @param {number} base @returns {Promise<State>} */
  redo: (base) => post("/api/redo", { base }),
  /** @param {number} base @returns {Promise<State>} */
  revert: (base) => post("/api/revert", { base }),
  /** @param {number} base @param {number} number @param {object|null} edit @returns {Promise<State>} */
  amend: (base, number, edit) => post("/api/amend", { base, number, edit }),
  /** @param {number} base @param {string} text @returns {Promise<State>} */
  setPipeline: (base, text) => post("/api/pipeline", { base, text }),
  /** @param {number} base @returns {Promise<State>} */
  reload: (base) => post("/api/reload", { base }),
  /** @returns {Promise<State>} */
  keepMine: () => post("/api/keep-mine"),
  /** @param {string} text @returns {Promise<any>} */
  check: (text) => post("/api/check", { text }),
  /** @param {string} [path] @returns {Promise<any>} */
  save: (path) => post("/api/save", path ? { path } : {}),
  /** @param {string} [output] @returns {Promise<any>} */
  render: (output) => post("/api/render", output ? { output } : {}),
  /** @param {string} [work] of one kind alone @returns {Promise<any>} */
  stop: (work) => post("/api/stop", work ? { work } : {}),

  /** @returns {Promise<any>} */
  files: () => call("/api/film-files"),
  /** @returns {Promise<any>} */
  conformed: () => call("/api/conform"),
  /** @param {string} film @param {string[]} sources @param {string} unknown @returns {Promise<any>} */
  conform: (film, sources, unknown) => post("/api/conform", { film, sources, unknown }),
  /** @param {string} [path] @returns {Promise<any>} */
  keepCut: (path) => post("/api/conform/cut", path ? { path } : {}),
  /** @returns {Promise<any>} */
  learned: () => call("/api/learn"),
  /** @param {string[]} films @param {string[]} sources @returns {Promise<any>} */
  learn: (films, sources) => post("/api/learn", { films, sources }),
  /** @param {string} [path] @returns {Promise<any>} */
  keepStyle: (path) => post("/api/learn/pipeline", path ? { path } : {}),
  /** @param {string} path @param {boolean} leave corrections that are not saved @returns {Promise<State>} */
  open: (path, leave) => post("/api/open", { path, leave }),

  /**
   * The server's events, until the returned function is called. The browser connects again by itself.
   * @param {(event: StudioEvent) => void} heard
   * @param {(isConnected: boolean) => void} connected
   */
  events(heard, connected) {
    const stream = new EventSource("/api/events");
    stream.onopen = () => connected(true);
    stream.onerror = () => connected(false);
    stream.onmessage = (message) => heard(JSON.parse(message.data));
    return () => stream.close();
  },

  /** Says that this tab goes: what was begun for it stops. */
  closed() {
    navigator.sendBeacon("/api/closed", new Blob(["{}"], { type: "application/json" }));
  },

  /**
   * Address of a fragment of the picture.
   * @param {string} key
   * @param {{draft?: boolean, height?: number, start?: number}} [options]
   */
  fragmentUrl(key, { draft = false, height = 0, start = 0 } = {}) {
    const query = new URLSearchParams();
    if (draft) query.set("draft", "1");
    if (height) query.set("height", String(height));
    if (start) query.set("start", String(start));
    const text = query.toString();
    return `/api/fragment/${id(key)}${text ? `?${text}` : ""}`;
  },
  /** @param {string} key @param {number} start seconds */
  soundUrl: (key, start) => `/api/sound/${id(key)}?start=${start}`,
  /** @param {string} source */
  filmstripUrl: (source) => `/api/filmstrip/${id(source)}`,
  /** @param {string} source */
  peaksUrl: (source) => `/api/peaks/${id(source)}`,
  /**
   * Address of a part of a source by itself, as WAV.
   * @param {string} source
   * @param {number} start seconds of the source
   * @param {number} duration seconds
   * @param {number} [gain] dB
   */
  listenUrl: (source, start, duration, gain = 0) =>
    `/api/listen/${id(source)}?${new URLSearchParams({ start: `${start}`, duration: `${duration}`, gain: `${gain}` })}`,
  /** @param {number} at seconds @param {number} height pixels */
  frameUrl: (at, height) => `/api/frame?at=${at}&height=${height}`,
  /** @param {string} of "film" or "original" @param {number} frame @param {number} height pixels */
  filmFrameUrl: (of, frame, height) => `/api/conform/frame?of=${of}&frame=${frame}&height=${height}`,
};
