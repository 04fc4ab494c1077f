/**
 * Makes what the film still lacks while nothing else is asked for, so that watching renders: each
 * encoded chunk goes into the server's cache, under the key that the final file looks for.
 */

import { api } from "./api.js";
import { unmade } from "./feed.js";

/** @typedef {import("./types.js").Chunk} Chunk */

const CALM = 1500;

export class Warmer {
  constructor() {
    /** @type {AbortController|null} */
    this.control = null;
  }

  /**
   * Begins after a moment of calm, if it has not begun.
   * @param {Chunk[]} chunks
   * @param {number} at
   * @param {(chunk: Chunk, isReplacing: boolean) => void} made
   */
  start(chunks, at, made) {
    if (this.control) return;
    const control = new AbortController();
    this.control = control;
    setTimeout(() => this.run(unmade(chunks, at), made, control.signal), CALM);
  }

  stop() {
    this.control?.abort();
    this.control = null;
  }

  /**
   * @param {Chunk[]} chunks
   * @param {(chunk: Chunk, isReplacing: boolean) => void} made
   * @param {AbortSignal} signal
   */
  async run(chunks, made, signal) {
    for (const chunk of chunks) {
      if (signal.aborted || document.hidden) return;
      try {
        const answer = await fetch(api.fragmentUrl(chunk.key), { signal, priority: "low" });
        if (!answer.ok || !answer.body) return;
        const reader = answer.body.getReader();
        while (!(await reader.read()).done);
        made(chunk, false);
      } catch {
        return; // stopped, or the server is gone: the player says so
      }
    }
  }
}
