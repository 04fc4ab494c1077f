/** Filmstrips, peaks and the whole transcript of the sources, fetched once the picture is there. */

import { api } from "./api.js";
import { store } from "./store.js";

/**
 * @typedef {object} Strip
 * @property {ImageBitmap} image tiles side by side
 * @property {number[]} times source seconds of each tile
 * @property {number} width of a tile
 */

export class TimelineMedia {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Map<string, Strip>} */
    this.strips = new Map();
    /** @type {Map<string, Uint8Array>} */
    this.peaks = new Map();
    /** @type {import("./timeline-snap.js").Transcript} */
    this.transcript = [];
    /** @type {Set<string>} */
    this.asked = new Set();
    this.sourcesKey = "";
    // The picture first: what is drawn beside it is read from the same disk.
    store.on("shown", () => this.load());
    store.subscribe((_, changed) => {
      if (changed.has("sources") && store.player?.isShown) this.load();
    });
  }

  load() {
    const { state } = store;
    if (!state) return;
    for (const source of state.sources) {
      if (this.asked.has(source.id)) continue;
      this.asked.add(source.id);
      if (source.width) this.loadStrip(source.id);
      if (source.has_sound) this.loadPeaks(source.id);
    }
    const key = state.sources.map((source) => source.id).join(" ");
    if (state.words.length && key !== this.sourcesKey) {
      this.sourcesKey = key;
      this.loadTranscript();
    }
  }

  /** @param {string} id */
  async loadStrip(id) {
    const answer = await fetch(api.filmstripUrl(id));
    if (!answer.ok) return; // a source without pictures that can be drawn: the lane stays plain
    const times = (answer.headers.get("X-Times") ?? "").split(",").filter(Boolean).map(Number);
    const width = Number(answer.headers.get("X-Width"));
    const image = await createImageBitmap(await answer.blob());
    this.strips.set(id, { image, times, width });
    this.changed();
  }

  /** @param {string} id */
  async loadPeaks(id) {
    const answer = await fetch(api.peaksUrl(id));
    if (!answer.ok) return;
    this.peaks.set(id, new Uint8Array(await answer.arrayBuffer()));
    this.changed();
  }

  async loadTranscript() {
    try {
      this.transcript = await api.transcript();
    } catch {
      this.sourcesKey = ""; // asked again with the next state; edges snap to what else there is
    }
  }
}
