/**
 * Plays one version of the cut in one <video>: fragments go into Media Source Extensions as they come.
 *
 * Each fragment has its own init segment and begins at time 0; its place is the buffer's offset. The
 * player asks for one at a time, up to `AHEAD` seconds before the playhead, and what it asks for is
 * what the server works on: to abort a fetch is to cancel an encoding.
 */

import { api, failure } from "./api.js";
import { BrokenMedia, Buffer, first } from "./buffer.js";
import { family, mimeOf, Source } from "./codec.js";
import {
  beginsWithin,
  endAfter,
  isBuffered,
  isStillWanted,
  mayGrow,
  nextWanted,
  placeOf,
  restOf,
} from "./feed.js";
import { Warmer } from "./warmer.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Chunk} Chunk */
/** @typedef {import("./feed.js").Wanted} Wanted */
/**
 * @typedef {object} PlayerEvents
 * @property {(chunk: Chunk, message: string) => void} broken the element is dead; a new player is needed
 * @property {(chunk: Chunk, message: string) => void} missing a part could not be had
 * @property {() => void} fed some more of the picture is there
 * @property {(message: string) => void} silent the sound could not be had
 * @property {(chunk: Chunk, isReplacing: boolean) => void} made its real picture came, in place of a draft perhaps
 */

const AHEAD = 20;
const DRAFT_LINES = 720;
const FLAC = 'audio/mp4; codecs="flac"';

export class Player {
  /**
   * @param {HTMLVideoElement} video
   * @param {PlayerEvents} events
   * @param {Map<string, number>} failed how often each place failed, kept over rebuilds
   */
  constructor(video, events, failed) {
    this.video = video;
    this.events = events;
    this.failed = failed;
    /** @type {Map<string, "draft"|"real">} */
    this.loaded = new Map();
    /** @type {Chunk[]} */
    this.chunks = [];
    this.isClosed = false;
    this.isResting = false;
    this.isPumping = false;
    this.isSoundDone = true;
    /** @type {(Wanted & {control: AbortController, from: number})|null} */
    this.fetching = null;
    /** @type {AbortController|null} */
    this.pouring = null;
    this.pouredFrom = 0;
    this.warmer = new Warmer();
    /** @type {(() => void)|null} */
    this.wake = null;
    this.stats = { fragments: 0, drafts: 0, bytes: 0, aborted: 0 };
  }

  /**
   * Opens a cut at a time of it.
   * @param {State} state
   * @param {number} at
   */
  async open(state, at) {
    this.duration = state.duration;
    this.chunks = state.chunks;
    this.lines = draftLines(state);
    this.media = new Source();
    this.video.disableRemotePlayback = true;
    this.url = URL.createObjectURL(this.media);
    this.video.src = this.url;
    await first(this.media, "sourceopen");
    if (this.isClosed) return;
    // Before there is any data: where to begin. Both buffers before the first append: later ones are refused.
    if (at > 0) this.video.currentTime = at;
    this.mime = state.mime;
    this.picture = state.mime ? new Buffer(this.media, state.mime, () => this.at) : null;
    this.sound = state.sound ? new Buffer(this.media, FLAC, () => this.at) : null;
    this.soundKey = state.sound;
    this.media.duration = state.duration;
    this.video.addEventListener("seeking", () => this.sought());
    this.video.addEventListener("timeupdate", () => this.kick());
    this.video.addEventListener("pause", () => this.kick());
    if (this.sound) this.pour(at);
    this.kick();
  }

  /** The same pictures at the same places, of a newer state: only what is ready may differ. @param {State} state */
  refresh(state) {
    this.chunks = state.chunks;
    if (this.sound && state.sound && state.sound !== this.soundKey) this.resound(state.sound);
    this.kick();
  }

  close() {
    this.isClosed = true;
    this.warmer.stop();
    this.fetching?.control.abort();
    this.pouring?.abort();
    this.wake?.();
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    if (this.url) URL.revokeObjectURL(this.url);
    this.video.remove();
  }

  /** Whether the clock is where there is no picture: sound alone would play on over a frozen one. */
  get isStarved() {
    const { at, duration = 0 } = this;
    return !!this.picture && at < duration - 0.2 && endAfter(this.picture.ranges, at) - at < 0.02;
  }

  get at() {
    return this.video.currentTime;
  }

  /** Whether the frame at the playhead is a draft. */
  get isDraft() {
    const chunk = this.chunks.find((one) => one.start <= this.at + 1e-4 && this.at < one.end);
    return !!chunk && this.loaded.get(placeOf(chunk)) === "draft";
  }

  // ---------------------------------------------------------------- pictures

  sought() {
    if (this.isResting) return;
    this.forget();
    const wanted = this.wanted();
    const isWanted = this.fetching && isStillWanted(this.fetching, wanted, this.at);
    if (this.fetching && !(isWanted && this.isComing(this.fetching))) this.fetching.control.abort();
    if (this.sound && !this.isPouredAt(this.at)) this.pour(this.at);
    this.kick();
  }

  /** Whether a draft that is fetched gets to the playhead soon. @param {Wanted & {from: number}} fetching */
  isComing({ chunk, isDraft, from }) {
    if (!isDraft || this.at < chunk.start || this.at >= chunk.end) return true;
    return this.at >= from && this.at < endAfter(this.picture?.ranges ?? [], from) + 2;
  }

  /** Takes back what the browser or an eviction has thrown away. */
  forget() {
    const ranges = this.picture?.ranges ?? [];
    for (const chunk of this.chunks) {
      const place = placeOf(chunk);
      if (this.loaded.has(place) && !isBuffered(ranges, restOf(chunk, this.at))) this.loaded.delete(place);
    }
  }

  /** Asks for nothing more: another player takes over with what is buffered here still shown. */
  rest() {
    this.isResting = true;
    this.warmer.stop();
    this.fetching?.control.abort();
  }

  wanted() {
    if (this.isResting) return null;
    const now = { at: this.at, ahead: AHEAD, isPlaying: !this.video.paused };
    return nextWanted(this.chunks, { ...now, loaded: this.loaded, failed: this.failed });
  }

  kick() {
    this.wake?.();
    if (!this.isPumping && !this.isClosed && this.picture) this.pump();
  }

  async pump() {
    if (!this.wanted()) return;
    this.isPumping = true;
    this.warmer.stop();
    try {
      for (let wanted = this.wanted(); wanted && !this.isClosed; wanted = this.wanted()) {
        await this.load(wanted);
        await this.picture?.tidy();
      }
    } finally {
      this.isPumping = false;
    }
    this.finish();
    if (!this.isClosed && !this.isResting) this.warmer.start(this.chunks, this.at, this.events.made);
  }

  /** @param {Wanted} wanted */
  async load(wanted) {
    const control = new AbortController();
    this.fetching = { ...wanted, control, from: wanted.chunk.start };
    try {
      const isReplacing = this.loaded.has(placeOf(wanted.chunk));
      await this.fetched(wanted, control.signal, isReplacing);
      this.loaded.set(placeOf(wanted.chunk), wanted.isDraft ? "draft" : "real");
      this.stats[wanted.isDraft ? "drafts" : "fragments"]++;
      if (!wanted.isDraft) this.events.made(wanted.chunk, isReplacing);
    } catch (error) {
      if (!this.isClosed) await this.missed(wanted, error);
    } finally {
      this.fetching = null;
    }
  }

  /**
   * @param {Wanted} wanted
   * @param {AbortSignal} signal
   * @param {boolean} isReplacing a draft that is shown goes all at once
   */
  async fetched({ chunk, isDraft }, signal, isReplacing) {
    const start = isDraft && !isReplacing ? beginsWithin(chunk, this.at) : 0;
    if (this.fetching) this.fetching.from = chunk.start + start;
    const url = api.fragmentUrl(chunk.key, isDraft ? { draft: true, height: this.lines, start } : {});
    const answer = await fetch(url, { signal });
    if (!answer.ok || !answer.body) throw await failure(answer);
    if (isReplacing) return this.put(chunk, new Uint8Array(await answer.arrayBuffer()), true);
    const reader = answer.body.getReader();
    for (let isFirst = true; ; isFirst = false) {
      const { value, done } = await reader.read();
      if (signal.aborted) throw new DOMException("", "AbortError");
      if (done) return;
      await this.put(chunk, value, isFirst);
    }
  }

  /**
   * @param {Chunk} chunk
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {boolean} isFirst whether the fragment begins with it
   */
  async put(chunk, data, isFirst) {
    this.stats.bytes += data.length;
    if (!isFirst) {
      await this.picture?.append(data);
      return this.events.fed();
    }
    const mime = mimeOf(data);
    const isOther = mime && family(mime) !== family(this.mime ?? "");
    if (isOther) this.mime = mime;
    await this.picture?.append(data, chunk.start, isOther ? mime : null);
    this.events.fed();
    this.kick();
  }

  /**
   * @param {Wanted} wanted
   * @param {unknown} error
   */
  async missed({ chunk, isDraft }, error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      this.stats.aborted++;
      await this.picture?.reset();
      return;
    }
    const message = this.video.error?.message || (error instanceof Error ? error.message : String(error));
    const isUnreachable = error instanceof TypeError;
    if (isUnreachable) return pause(1000);
    this.failed.set(placeOf(chunk), (this.failed.get(placeOf(chunk)) ?? 0) + (isDraft ? 2 : 1));
    if (error instanceof BrokenMedia || this.video.error) this.events.broken(chunk, message);
    else {
      await this.picture?.reset();
      this.events.missing(chunk, message);
    }
  }

  /** Says that nothing more comes, once all from the playhead on is there: only then does the film end. */
  finish() {
    if (this.isClosed || this.media?.readyState !== "open" || !this.isSoundDone) return;
    const rest = this.chunks.filter((chunk) => chunk.end > this.at);
    if (!rest.every((chunk) => this.loaded.has(placeOf(chunk)))) return;
    if (this.picture?.source.updating || this.sound?.source.updating) return;
    this.media.endOfStream();
  }

  // ---------------------------------------------------------------- sound

  /** @param {number} at */
  isPouredAt(at) {
    if (at < this.pouredFrom) return false;
    return endAfter(this.sound?.ranges ?? [], this.pouredFrom) >= at || this.pouredFrom + 1 > at;
  }

  /**
   * Streams the mix from a time on; times in it are those of the film.
   * @param {number} at
   */
  async pour(at) {
    this.pouring?.abort();
    const control = new AbortController();
    this.pouring = control;
    this.pouredFrom = Math.max(0, Math.floor(at));
    this.isSoundDone = false;
    try {
      await this.sound?.reset();
      const answer = await fetch(api.soundUrl(this.soundKey ?? "", this.pouredFrom), {
        signal: control.signal,
      });
      if (!answer.ok || !answer.body) throw await failure(answer);
      await this.poured(answer.body.getReader(), control.signal);
      this.isSoundDone = true;
      this.finish();
    } catch (error) {
      const isAborted = control.signal.aborted || this.isClosed;
      if (!isAborted)
        this.events.missing(this.chunks[0], `sound: ${error instanceof Error ? error.message : error}`);
    }
  }

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>} reader
   * @param {AbortSignal} signal
   */
  async poured(reader, signal) {
    // The beginning at once: no frame is shown until each buffer has its init segment.
    for (let isFirst = true; ; isFirst = false) {
      while (!isFirst && !this.mayPour() && !signal.aborted) await this.woken();
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      await this.sound?.append(value);
      await this.sound?.tidy();
    }
  }

  /**
   * Other sound for the same pictures, such as at the loudness that was measured meanwhile.
   * @param {string} key
   */
  async resound(key) {
    this.soundKey = key;
    this.pouring?.abort();
    await this.sound?.reset();
    await this.sound?.clear();
    if (!this.isClosed) this.pour(this.at);
  }

  mayPour() {
    const from = Math.max(this.at, this.pouredFrom);
    const pictureEnd = this.picture ? endAfter(this.picture.ranges, this.at) : this.at + AHEAD;
    return mayGrow(pictureEnd, endAfter(this.sound?.ranges ?? [], from), this.duration ?? 0);
  }

  /** Until something happened that may let more sound in. */
  woken() {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.wake = resolve;
      })
    );
  }
}

/**
 * Height of drafts: so many lines on the shorter side can be encoded in about real time.
 * @param {State} state
 */
function draftLines({ size }) {
  const [width, height] = size ?? [0, 0];
  const short = Math.min(width, height);
  return short <= DRAFT_LINES ? 0 : Math.round((height * DRAFT_LINES) / short);
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => setTimeout(resolve, milliseconds)));
}
