/** What lies over the picture, as boxes that are moved and resized by mouse or arrow keys. */

import * as edits from "./edits.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {{x: number, y: number, w: number, h: number}} Box middle and size, in shares of the frame */

const STEP = 0.005;
const LARGE_STEP = 0.05;
const CALM = 500;
/** Places that edges and middles are drawn to, within a distance. */
const LINES = [0.05, 0.1, 0.5, 0.9, 0.95];
const NEAR = 0.012;

/**
 * Where a segment lies; null where it has no box of its own.
 * @param {Segment} segment
 * @returns {Box|null}
 */
function boxOf(segment) {
  return store.state?.boxes[segment.id] ?? null;
}

/** Whether it has a size of its own: what is drawn fills the frame. @param {Segment} segment */
function isSizable(segment) {
  return store.state?.sources.some((source) => source.id === segment.source) ?? false;
}

/**
 * A middle moved so that an edge or the middle lies on a line that is near.
 * @param {number} middle
 * @param {number} size
 */
export function drawnTo(middle, size) {
  const found = LINES.flatMap((line) => [-size / 2, 0, size / 2].map((part) => line - part - middle));
  const nearest = found.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
  return Math.abs(nearest) < NEAR ? middle + nearest : middle;
}

export class PlacedBoxes {
  /** @param {HTMLElement} layer of the size of the picture */
  constructor(layer) {
    this.layer = layer;
    /** @type {Map<string, HTMLElement>} */
    this.boxes = new Map();
    /** @type {Map<string, Box>} changed and not sent yet */
    this.pending = new Map();
    store.subscribe(() => this.draw());
    store.on("playhead", () => this.draw());
    store.on("selection", () => this.draw());
  }

  /** The segments above the programme that are seen at the playhead. */
  shown() {
    const at = store.playhead + 1e-4;
    const above = (store.state?.tracks ?? []).filter(
      (one) => one.kind === "picture" && one.role !== "programme",
    );
    return above
      .flatMap((track) => track.segments)
      .filter((one) => boxOf(one) && one.at <= at && at < one.to);
  }

  draw() {
    const shown = store.isPlaying ? [] : this.shown();
    const ids = new Set(shown.map((one) => one.id));
    for (const [id, box] of this.boxes) {
      if (ids.has(id)) continue;
      box.remove();
      this.boxes.delete(id);
    }
    for (const segment of shown) {
      const element = this.boxes.get(segment.id) ?? this.made(segment);
      element.classList.toggle("selected", store.selected === segment.id);
      const box = this.pending.get(segment.id) ?? boxOf(segment);
      if (box) this.put(element, box, segment);
    }
  }

  /** @param {Segment} segment */
  made(segment) {
    const element = document.createElement("div");
    element.className = "box";
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.addEventListener("focus", () => store.select(segment.id));
    element.addEventListener("pointerdown", (event) => this.drag(event, segment.id, "move"));
    element.addEventListener("keydown", (event) => this.pressed(event, segment.id));
    if (isSizable(segment)) {
      const corner = document.createElement("div");
      corner.className = "corner";
      corner.addEventListener("pointerdown", (event) => this.drag(event, segment.id, "size"));
      element.append(corner);
    }
    this.layer.append(element);
    this.boxes.set(segment.id, element);
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {Box} box
   * @param {Segment} segment
   */
  put(element, box, segment) {
    const share = (/** @type {number} */ value) => `${(100 * value).toFixed(2)}%`;
    element.style.left = share(box.x - box.w / 2);
    element.style.top = share(box.y - box.h / 2);
    element.style.width = share(box.w);
    element.style.height = share(box.h);
    const name = segment.text || segment.label || segment.source || "overlay";
    const size = isSizable(segment) ? ", with Shift its size" : "";
    element.setAttribute(
      "aria-label",
      `${name}: ${Math.round(100 * box.x)} % across, ${Math.round(100 * box.y)} % down. Arrow keys move it${size}.`,
    );
  }

  /**
   * @param {PointerEvent} event
   * @param {string} id
   * @param {"move"|"size"} what
   */
  drag(event, id, what) {
    event.stopPropagation();
    event.preventDefault();
    const [element, segment] = [this.boxes.get(id), store.segment(id)];
    const begin = segment && boxOf(segment);
    if (!element || !begin) return;
    element.focus();
    element.setPointerCapture(event.pointerId);
    const frame = this.layer.getBoundingClientRect();
    const moved = (/** @type {PointerEvent} */ now) => {
      const dx = (now.clientX - event.clientX) / frame.width;
      const dy = (now.clientY - event.clientY) / frame.height;
      this.change(id, what === "move" ? moveBy(begin, dx, dy, now.shiftKey) : growBy(begin, dx, dy));
    };
    element.addEventListener("pointermove", moved);
    const ended = () => {
      element.removeEventListener("pointermove", moved);
      this.send(id);
    };
    element.addEventListener("pointerup", ended, { once: true });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {string} id
   */
  pressed(event, id) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const segment = store.segment(id);
    if (!way || !segment || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.ctrlKey || event.metaKey ? LARGE_STEP : STEP;
    const box = this.pending.get(id) ?? boxOf(segment);
    if (!box) return;
    const isSized = event.shiftKey && isSizable(segment);
    const [dx, dy] = way.map((one) => one * step);
    this.change(id, isSized ? growBy(box, 2 * dx, -2 * dy) : { ...box, x: box.x + dx, y: box.y + dy });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(id), CALM);
  }

  /**
   * @param {string} id
   * @param {Box} box
   */
  change(id, box) {
    this.pending.set(id, box);
    this.draw();
  }

  /** @param {string} id */
  async send(id) {
    const [box, before] = [this.pending.get(id), store.state?.boxes[id]];
    const [segment, track] = [store.segment(id), store.trackOf(id)];
    if (!box || !before || !segment || !track) return;
    const edit = edits.place(track, segment, before, box);
    if (edit) await store.edit(edit);
    this.pending.delete(id);
    this.draw();
  }
}

/**
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @param {boolean} isFree with Shift, nothing draws it
 * @returns {Box}
 */
function moveBy(box, dx, dy, isFree) {
  const [x, y] = [box.x + dx, box.y + dy];
  return isFree ? { ...box, x, y } : { ...box, x: drawnTo(x, box.w), y: drawnTo(y, box.h) };
}

/**
 * Larger or smaller around its middle, its shape kept.
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
function growBy(box, dx, dy) {
  const factor = Math.max(0.05 / box.w, 1 + (2 * Math.max(dx / box.w, dy / box.h, -0.45) || 0));
  return { ...box, w: Math.min(2, box.w * factor), h: box.h * Math.min(2 / box.w, factor) };
}
