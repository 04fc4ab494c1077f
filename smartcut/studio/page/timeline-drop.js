/** Moments that are dragged from the candidates onto the timeline. */

import { matchOf } from "./edits.js";
import { clock, numberOf } from "./numbers.js";
import { store } from "./store.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */

/** The kind under which a dragged moment is carried: JSON of {source, start, end, label?}. */
export const MOMENT = "application/x-smartcut-moment";

export class MomentDrop {
  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    const { field } = timeline;
    field.addEventListener("dragover", (event) => this.over(event));
    field.addEventListener("dragleave", () => timeline.ghost.hide());
    field.addEventListener("drop", (event) => this.dropped(event));
  }

  /** How many segments of the programme come before. @param {DragEvent} event */
  place(event) {
    const time = this.timeline.timeAt(event.clientX);
    return store.programme().filter((one) => (one.at + one.to) / 2 < time).length;
  }

  /** @param {DragEvent} event */
  over(event) {
    if (!event.dataTransfer?.types.includes(MOMENT)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    const [all, place] = [store.programme(), this.place(event)];
    const at = place < all.length ? all[place].at : (all.at(-1)?.to ?? 0);
    this.timeline.ghost.showLine(at);
    this.timeline.tools.tell(`Put it in at ${clock(at, 1)}`);
  }

  /** @param {DragEvent} event */
  async dropped(event) {
    const text = event.dataTransfer?.getData(MOMENT);
    if (!text) return;
    event.preventDefault();
    this.timeline.ghost.hide();
    const { source, start, end, ...named } = JSON.parse(text);
    const before = store.programme()[this.place(event) - 1];
    const after = before ? matchOf(before, "programme") : "start";
    if (!(await store.edit({ keep: { source, start, end, after, ...named } }))) return;
    const added = store.programme().find((one) => one.source === source && overlaps(one, start, end));
    if (added) store.select(added.id);
  }
}

/**
 * @param {import("./types.js").Segment} segment
 * @param {number|string} start
 * @param {number|string} end
 */
const overlaps = (segment, start, end) =>
  numberOf(segment.start) < numberOf(end) && numberOf(start) < numberOf(segment.end);
