/** One SourceBuffer whose changes go one after the other. */

import { outside, plain } from "./feed.js";

/** Seconds before and after the playhead that stay. */
const KEPT = 90;
/** Seconds that stay where there is no room. */
const SPARE = 10;

/** What the browser's buffer cannot take; the media element is dead after it. */
export class BrokenMedia extends Error {}

/**
 * @param {EventTarget} target
 * @param {string} name
 * @returns {Promise<Event>}
 */
export function first(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}

export class Buffer {
  /**
   * @param {MediaSource} media
   * @param {string} mime
   * @param {() => number} at the playhead
   */
  constructor(media, mime, at) {
    this.media = media;
    this.source = media.addSourceBuffer(mime);
    this.at = at;
    /** @type {Promise<unknown>} */
    this.queue = Promise.resolve();
  }

  /** What is there, as pairs of seconds; nothing once the media is gone. */
  get ranges() {
    try {
      return plain(this.source.buffered);
    } catch {
      return []; // removed from its media: after an error, or closed
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  next(work) {
    const done = this.queue.then(work, work);
    this.queue = done.catch(() => undefined);
    return done;
  }

  /**
   * Puts bytes in at a place of the timeline; makes room first where the browser has none.
   * @param {BufferSource} data
   * @param {number} [offset] seconds that are added to the times in the data; without, as before
   * @param {string|null} [mime] another type that begins with this data
   */
  append(data, offset, mime) {
    return this.next(async () => {
      if (mime) this.source.changeType(mime);
      if (offset !== undefined) this.source.timestampOffset = offset;
      for (let tries = 0; ; tries++) {
        try {
          this.source.appendBuffer(data);
          break;
        } catch (error) {
          const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
          if (!isFull || tries > 1) throw isFull ? error : new BrokenMedia(String(error));
          await this.cleared(outside(this.ranges, this.at() - SPARE, this.at() + 3 * SPARE));
        }
      }
      if (!(await this.done())) throw new BrokenMedia("the browser cannot decode this part");
    });
  }

  /** Forgets data that were begun and not finished. */
  reset() {
    return this.next(async () => {
      if (this.media.readyState === "open") this.source.abort();
    });
  }

  /** Removes what is far from the playhead, once there is much of it. */
  tidy() {
    const far = outside(this.ranges, this.at() - KEPT, this.at() + KEPT);
    if (far.reduce((sum, [from, to]) => sum + to - from, 0) < SPARE) return Promise.resolve();
    return this.next(() => this.cleared(far));
  }

  clear() {
    return this.next(() => this.cleared(this.ranges));
  }

  /** @param {[number, number][]} ranges */
  async cleared(ranges) {
    for (const [from, to] of ranges) {
      if (this.media.readyState === "closed") return;
      this.source.remove(from, to);
      await this.done();
    }
  }

  /** Until the change that was begun has ended, which is what the browser tells last; whether it worked. */
  async done() {
    let isBroken = false;
    const broken = () => {
      isBroken = true;
    };
    this.source.addEventListener("error", broken);
    await first(this.source, "updateend");
    this.source.removeEventListener("error", broken);
    return !isBroken;
  }
}
