/** Trimming and moving on the timeline, by mouse and by keys, with snapping. */

import * as edits from "./edits.js";
import { clock, numberOf } from "./numbers.js";
import { store } from "./store.js";
import { costOf, edgeTargets, following, nearest, placeTargets } from "./timeline-snap.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./timeline-snap.js").Target} Target */

const REACH = 9;
const SLACK = 4;
const CALM = 600;

/** What is under way: an edge, with the time it is at. */
/**
 * @typedef {object} Edge
 * @property {Segment} segment
 * @property {Track} track
 * @property {"start"|"end"} side
 * @property {number} time on the timeline, as the segment lies now
 * @property {Target[]} targets
 */

export class Drag {
  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    /** @type {Edge|null} */
    this.edge = null;
  }

  // ---------------------------------------------------------------- edges

  /**
   * @param {string} id
   * @param {"start"|"end"} side
   */
  begin(id, side) {
    const { state, playhead, range } = store;
    const [segment, track] = [store.segment(id), store.trackOf(id)];
    if (!state || !segment || !track) return null;
    if (this.edge?.segment === segment && this.edge.side === side) return this.edge;
    const { transcript } = this.timeline.media;
    const isAbove = edits.isFree(state, segment) || track.role !== "programme";
    const targets = isAbove
      ? placeTargets(state, segment, playhead, range)
      : edgeTargets({ state, segment, side, transcript, playhead, range });
    this.edge = { segment, track, side, targets, time: side === "start" ? segment.at : segment.to };
    return this.edge;
  }

  /**
   * Has the edge be at a time, as far as there is something to show.
   * @param {number} time
   * @param {Target|null} target that it was drawn to
   */
  put(time, target) {
    const { edge } = this;
    const { state } = store;
    if (!edge || !state) return;
    const frame = 1 / store.rate;
    const [first, last] = this.reach(edge);
    edge.time = Math.min(Math.max(time, first), last);
    if (!target) edge.time = Math.round(edge.time / frame) * frame;
    this.timeline.ghost.showEdge(edge);
    this.timeline.tools.tell(...this.words(edge, target));
    const { segment, side } = edge;
    const isInside = edge.time >= segment.at - 1e-6 && edge.time <= segment.to + 1e-6;
    if (isInside) store.seek(side === "start" ? edge.time : edge.time - frame);
  }

  /**
   * The first and last time at which an edge can be.
   * @param {Edge} edge
   * @returns {[number, number]}
   */
  reach({ segment, track, side }) {
    const { state } = store;
    const frame = 1 / store.rate;
    const source = state?.sources.find((one) => one.id === segment.source);
    const isFree = !state || edits.isFree(state, segment);
    const pace = edits.paceOf(segment);
    const before = isFree ? segment.at : numberOf(segment.start) / pace;
    const behind = isFree ? Infinity : ((source?.duration ?? Infinity) - numberOf(segment.end)) / pace;
    const isAbove = track.role !== "programme";
    if (side === "end") return [segment.at + frame, segment.to + behind];
    return [Math.max(isAbove ? 0 : -Infinity, segment.at - before), segment.to - frame];
  }

  /**
   * What is said about an edge while it moves.
   * @param {Edge} edge
   * @param {Target|null} target
   * @returns {[string, "copy"|"encode"|""]}
   */
  words({ segment, side, time }, target) {
    const { state } = store;
    if (!state) return ["", ""];
    const change = time - (side === "start" ? segment.at : segment.to);
    const source = edits.inSource(segment, time);
    const name = side === "start" ? "In" : "Out";
    const sign = change < 0 ? "−" : "+";
    const at = target ? `${target.kind}${target.label ? ` “${target.label}”` : ""}` : "";
    const cost = costOf(state, segment, side, time);
    const parts = [
      `${name} ${clock(source, 2)}`,
      `${sign}${Math.abs(change).toFixed(2)} s`,
      at,
      cost?.text ?? "",
    ];
    return [parts.filter(Boolean).join("  ·  "), cost?.kind ?? ""];
  }

  async commit() {
    const { edge } = this;
    const { state } = store;
    clearTimeout(this.timer);
    this.edge = null;
    this.timeline.ghost.hide();
    if (!edge || !state) return;
    const { segment, track, side, time } = edge;
    const edit = edits.trim(state, track, segment, side, time - (side === "start" ? segment.at : segment.to));
    this.timeline.tools.tell("");
    if (!edit || !(await store.edit(edit))) return;
    const now = store.segment(segment.id);
    if (now) store.seek(side === "start" ? now.at : now.to - 1 / store.rate);
  }

  cancel() {
    clearTimeout(this.timer);
    this.edge = null;
    this.timeline.ghost.hide();
    this.timeline.tools.tell("");
  }

  /**
   * An edge is pulled with the mouse.
   * @param {PointerEvent} event
   * @param {HTMLElement} handle
   * @param {string} id
   * @param {"start"|"end"} side
   */
  pull(event, handle, id, side) {
    event.preventDefault();
    event.stopPropagation();
    store.select(id);
    store.pause();
    const edge = this.begin(id, side);
    if (!edge) return;
    handle.focus();
    const from = edge.time;
    this.follow(event, handle, (now) => {
      const { zoom, isSnapping } = this.timeline;
      const time = from + (now.clientX - event.clientX) / zoom;
      const target = isSnapping && !now.ctrlKey ? nearest(edge.targets, time, REACH / zoom) : null;
      this.put(target?.time ?? time, target);
    });
  }

  /**
   * An edge is moved with the arrow keys: by frames, with Shift to the next target.
   * @param {KeyboardEvent} event
   * @param {string} id
   * @param {"start"|"end"} side
   */
  press(event, id, side) {
    if (event.key === "Enter" || event.key === "Escape") {
      if (!this.edge) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter") this.commit();
      else this.cancel();
      return;
    }
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.pause();
    const edge = this.begin(id, side);
    if (!edge) return;
    const target = event.shiftKey ? following(edge.targets, edge.time, way > 0 ? 1 : -1) : null;
    this.put(target?.time ?? edge.time + way / store.rate, target);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), CALM);
  }

  // ---------------------------------------------------------------- whole segments

  /**
   * A segment is dragged: in the programme to another place in the order, elsewhere to another time.
   * @param {PointerEvent} event
   * @param {HTMLElement} element
   * @param {string} id
   */
  carry(event, element, id) {
    if (event.button !== 0) return;
    store.select(id);
    const [segment, track] = [store.segment(id), store.trackOf(id)];
    if (!segment || !track || !store.state) return;
    const isOrdered = track.role === "programme";
    const targets = placeTargets(store.state, segment, store.playhead, store.range);
    /** @type {(() => Promise<unknown>)|null} */
    let done = null;
    const moved = (/** @type {PointerEvent} */ now) => {
      if (!done && Math.abs(now.clientX - event.clientX) < SLACK) return;
      const shift = (now.clientX - event.clientX) / this.timeline.zoom;
      if (isOrdered) {
        const time = this.timeline.timeAt(now.clientX);
        const place = edits.placeAt(track, segment, time);
        this.timeline.ghost.showOrder(track, segment, place, shift);
        done = () => this.drop(edits.move(track, segment, place), id);
      } else {
        const at = this.snappedPlace(segment, segment.at + shift, targets, now.ctrlKey);
        this.timeline.ghost.showCarried(segment, at);
        done = () => this.drop(state && edits.shift(state, track, segment, at), id);
      }
    };
    const { state } = store;
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", moved);
    const ended = (/** @type {PointerEvent} */ last) => {
      element.removeEventListener("pointermove", moved);
      element.removeEventListener("pointerup", ended);
      element.removeEventListener("pointercancel", ended);
      this.timeline.ghost.hide();
      if (last.type === "pointerup") done?.();
    };
    element.addEventListener("pointerup", ended);
    element.addEventListener("pointercancel", ended);
  }

  /**
   * @param {Segment} segment
   * @param {number} at
   * @param {Target[]} targets
   * @param {boolean} isFree
   */
  snappedPlace(segment, at, targets, isFree) {
    const lasts = segment.to - segment.at;
    if (isFree || !this.timeline.isSnapping) return Math.max(0, at);
    const reach = REACH / this.timeline.zoom;
    const [head, tail] = [nearest(targets, at, reach), nearest(targets, at + lasts, reach)];
    if (head) return Math.max(0, head.time);
    return Math.max(0, tail ? tail.time - lasts : at);
  }

  /**
   * @param {import("./types.js").Edit|null} edit
   * @param {string} id
   */
  async drop(edit, id) {
    if (!edit || !(await store.edit(edit))) return;
    const now = store.segment(id);
    if (!now) return;
    store.select(id);
    store.seek(now.at);
  }

  /**
   * Follows the mouse until its button is let go; Escape gives up.
   * @param {PointerEvent} event
   * @param {HTMLElement} element
   * @param {(now: PointerEvent) => void} moved
   */
  follow(event, element, moved) {
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", moved);
    const ended = (/** @type {PointerEvent} */ last) => {
      element.removeEventListener("pointermove", moved);
      element.removeEventListener("pointerup", ended);
      element.removeEventListener("pointercancel", ended);
      if (last.type === "pointerup") this.commit();
      else this.cancel();
    };
    element.addEventListener("pointerup", ended);
    element.addEventListener("pointercancel", ended);
  }
}
