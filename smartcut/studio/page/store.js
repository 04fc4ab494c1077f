/** What the page knows: the server's state, the selection, the playhead; and every change of them. */

import { ApiError, api } from "./api.js";
import { numberOf } from "./numbers.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Topic} Topic */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {{seek(t: number): void, play(rate?: number): void, pause(): void, isPlaying: boolean, isShown: boolean}} Playing */

export class Store {
  /** @param {typeof api} server */
  constructor(server) {
    this.server = server;
    /** @type {State|null} */
    this.state = null;
    /** @type {string|null} id of the selected segment */
    this.selected = null;
    /** seconds on the timeline */
    this.playhead = 0;
    /** @type {{in: number|null, out: number|null}} marked with I and O, on the timeline */
    this.range = { in: null, out: null };
    /** @type {any} the last progress event of a render; null while none runs */
    this.progress = null;
    /** @type {{name: string, error: string}|null} while there is no cut yet, or why there is none */
    this.opening = null;
    this.isPlaying = false;
    /** @type {Playing|null} */
    this.player = null;
    /** @type {Map<Topic, Set<(value: any) => void>>} */
    this.listeners = new Map();
    /** @type {Promise<any>} changes go one after the other, each with the version it was made on */
    this.queue = Promise.resolve();
  }

  /**
   * Calls back at each change of a topic; the returned function ends that.
   * @param {Topic} topic
   * @param {(value: any) => void} listener
   */
  on(topic, listener) {
    const all = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  /**
   * @param {Topic} topic
   * @param {any} [value]
   */
  emit(topic, value) {
    for (const listener of this.listeners.get(topic) ?? []) listener(value);
  }

  /**
   * Calls back with each new state and the names of its fields that changed, and at once if there is one.
   * @param {(state: State, changed: Set<string>) => void} listener
   */
  subscribe(listener) {
    if (this.state) listener(this.state, new Set(Object.keys(this.state)));
    return this.on("state", ({ state, changed }) => listener(state, changed));
  }

  /** @param {State} state */
  put(state) {
    const old = this.state;
    if (old && state.version < old.version) return;
    this.state = state;
    const changed = new Set(
      Object.entries(state)
        .filter(([name, value]) => !old || !isSame(value, /** @type {any} */ (old)[name]))
        .map(([name]) => name),
    );
    if (this.selected && !this.segment(this.selected)) this.select(null);
    if (this.playhead > state.duration) this.movePlayhead(state.duration);
    this.emit("state", { state, changed });
  }

  /** Fetches the newest version; while the stages still run there is none, and `opening` tells so. */
  async load() {
    const answer = /** @type {any} */ (await this.server.state());
    const isMade = answer.version > 0;
    this.opening = isMade ? null : { name: answer.name ?? "", error: answer.error ?? "" };
    this.emit("opening", this.opening);
    if (isMade) this.put(answer);
  }

  // ---------------------------------------------------------------- changes of the cut

  /**
   * Applies edits. True where the server took them; what it said otherwise is shown.
   * @param {Edit|Edit[]} ops
   */
  edit(ops) {
    const list = Array.isArray(ops) ? ops : [ops];
    return this.change((base) => this.server.edit(base, list));
  }

  undo() {
    return this.change((base) => this.server.undo(base));
  }

  redo() {
    return this.change((base) => this.server.redo(base));
  }

  revert() {
    return this.change((base) => this.server.revert(base));
  }

  /**
   * Puts another edit in the place of one that was made, or takes it out.
   * @param {number} number of the edit, from 0
   * @param {Edit|null} edit null takes it out
   */
  amend(number, edit) {
    return this.change((base) => this.server.amend(base, number, edit));
  }

  /**
   * Gives the pipeline another text. A text that is refused throws the ApiError with its lines.
   * @param {string} text
   */
  async setPipeline(text) {
    if (!this.state) return;
    this.put(await this.server.setPipeline(this.state.version, text));
  }

  /** @param {string} [path] */
  async save(path) {
    try {
      const answer = await this.server.save(path);
      await this.load();
      this.say("good", answer?.path ? `saved: ${answer.path}` : "saved");
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param {string} [output] */
  async render(output) {
    this.emit("panel", "panel-render");
    this.heard({ kind: "progress", work: "render", text: "starting" });
    try {
      await this.server.render(output);
    } catch (error) {
      this.heard({
        kind: "error",
        work: "render",
        text: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async stop() {
    try {
      await this.server.stop();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * @param {(base: number) => Promise<State>} call
   * @returns {Promise<boolean>}
   */
  change(call) {
    const next = this.queue.then(async () => {
      if (!this.state) return false;
      try {
        this.put(await call(this.state.version));
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status === 409 && error.body?.version) {
          this.put(error.body);
          this.say("warning", "The cut was changed elsewhere. It is shown as it is now; please try again.");
        } else this.fail(error);
        return false;
      }
    });
    this.queue = next;
    return next;
  }

  // ---------------------------------------------------------------- messages and events

  /**
   * @param {Message["kind"]} kind
   * @param {string} text
   */
  say(kind, text) {
    this.emit("message", { kind, text });
  }

  /** @param {unknown} error */
  fail(error) {
    this.say("error", error instanceof Error ? error.message : String(error));
  }

  /** @param {import("./types.js").StudioEvent} event */
  heard(event) {
    if (event.kind === "opened") location.reload();
    else if (event.kind === "state") this.load().catch((error) => this.fail(error));
    else if (event.kind === "note") {
      this.say("info", event.text ?? "");
      if (this.opening) this.emit("opening", { ...this.opening, text: event.text });
    } else if (event.kind === "error" && event.work === "open")
      this.load().catch((error) => this.fail(error));
    else {
      if ((event.work ?? "render") === "render") this.progress = event.kind === "progress" ? event : null;
      this.emit("progress", event);
      if (event.kind === "error") this.say("error", event.text ?? "the render failed");
    }
  }

  /**
   * Brings a panel to the front.
   * @param {string} tag of its element, such as "panel-inspector"
   */
  show(tag) {
    this.emit("panel", tag);
  }

  // ---------------------------------------------------------------- selection, playhead, range

  /** @param {string|null} id */
  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.emit("selection", id);
  }

  /**
   * @param {string|null} id
   * @returns {Segment|null}
   */
  segment(id) {
    return this.segments().find((segment) => segment.id === id) ?? null;
  }

  /** Every segment of every track. */
  segments() {
    return this.state?.tracks.flatMap((track) => track.segments) ?? [];
  }

  /**
   * The track of a segment.
   * @param {string} id
   */
  trackOf(id) {
    return this.state?.tracks.find((track) => track.segments.some((one) => one.id === id)) ?? null;
  }

  /** The segments of the programme: the picture with its own sound. */
  programme() {
    return this.state?.tracks.find((track) => track.role === "programme")?.segments ?? [];
  }

  /** Frames a second. */
  get rate() {
    return this.state ? numberOf(this.state.rate) : 25;
  }

  /** @param {Playing} player */
  attach(player) {
    this.player = player;
  }

  /**
   * Shows the frame that is there at a time.
   * @param {number} time seconds on the timeline
   */
  seek(time) {
    const frames = Math.floor(Math.max(0, time) * this.rate + 1e-3);
    const last = Math.max(0, Math.ceil((this.state?.duration ?? 0) * this.rate - 1e-3) - 1);
    const at = Math.min(frames, last) / this.rate;
    this.player?.seek(at);
    this.movePlayhead(at);
  }

  /**
   * Says where the picture is; the player calls it at each frame that is shown.
   * @param {number} time
   */
  movePlayhead(time) {
    if (time === this.playhead) return;
    this.playhead = time;
    this.emit("playhead", time);
  }

  /** @param {number} [rate] 1 is normal speed; negative plays backwards */
  play(rate = 1) {
    this.player?.play(rate);
  }

  pause() {
    this.player?.pause();
  }

  /** @param {boolean} isPlaying */
  setPlaying(isPlaying) {
    if (isPlaying === this.isPlaying) return;
    this.isPlaying = isPlaying;
    this.emit("playing", isPlaying);
  }

  /** @param {{in?: number|null, out?: number|null}} range */
  mark(range) {
    this.range = { ...this.range, ...range };
    const { in: start, out: end } = this.range;
    if (start !== null && end !== null && end <= start)
      this.range = "in" in range ? { in: start, out: null } : { in: null, out: end };
    this.emit("range", this.range);
  }
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
function isSame(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export const store = new Store(api);
