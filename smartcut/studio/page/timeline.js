/** The timeline: lanes on a canvas, and above it what can be clicked, dragged and reached by Tab. */

import { clock, duration } from "./numbers.js";
import { store } from "./store.js";
import { Drag } from "./timeline-drag.js";
import { draw, TOKENS } from "./timeline-draw.js";
import { MomentDrop } from "./timeline-drop.js";
import { fitting, lanesOf, MOST_ZOOM, scrollFor, seen, within } from "./timeline-geometry.js";
import { Ghost } from "./timeline-ghost.js";
import { TimelineMedia } from "./timeline-media.js";
import { TimelineSegments } from "./timeline-segments.js";
import { TimelineTools } from "./timeline-tools.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */

const MARGIN = 60;

export class Timeline extends HTMLElement {
  constructor() {
    super();
    /** @type {Lane[]} */
    this.lanes = [];
    this.zoom = 40;
    this.isFitted = true;
    this.isSnapping = true;
    this.isScrubbing = false;
    this.isDrawing = false;
    /** @type {Record<string, string>|null} read from the style sheet when they are first needed */
    this.colours = null;
    const block = (/** @type {string} */ name) => {
      const element = document.createElement("div");
      element.className = name;
      return element;
    };
    this.bar = block("timeline-tools");
    this.scroller = block("scroller");
    this.heads = block("heads");
    this.field = block("field");
    this.head = block("playhead");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.tools = new TimelineTools(this.bar);
    this.media = new TimelineMedia(() => this.redraw());
    this.drag = new Drag(this);
    this.segments = new TimelineSegments(this);
    this.ghost = new Ghost(this);
    this.drop = new MomentDrop(this);
  }

  connectedCallback() {
    if (this.childElementCount) return;
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Timeline");
    const { layer, handles } = this.segments;
    this.field.append(this.canvas, layer, handles, this.ghost.box, this.ghost.line, this.head);
    this.scroller.append(this.heads, this.field);
    this.append(this.bar, this.scroller);
    this.tools.showSnap(true);
    this.listen();
  }

  listen() {
    const { scroller, field } = this;
    store.subscribe((_, changed) => this.show(changed));
    store.on("selection", () => this.showSelection());
    store.on("playhead", (time) => this.showPlayhead(time));
    store.on("range", () => this.redraw());
    store.on("made", () => this.redraw());
    store.on("view", (what) => this.look(what));
    new ResizeObserver(() => this.resized()).observe(scroller);
    new MutationObserver(() => this.recolour()).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
    scroller.addEventListener("scroll", () => this.redraw());
    scroller.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    field.addEventListener("pointerdown", (event) => this.scrub(event));
    field.addEventListener("pointermove", (event) => this.hover(event));
  }

  // ---------------------------------------------------------------- what is seen

  /** @param {Set<string>} changed */
  show(changed) {
    const { state } = store;
    if (!state) return;
    if (["tracks", "words", "duration"].some((name) => changed.has(name))) {
      this.lanes = [];
      this.resized();
      this.showSelected();
    }
    this.redraw();
  }

  showHeads() {
    this.heads.replaceChildren(
      ...this.lanes.map((lane) => {
        const head = document.createElement("div");
        head.textContent = lane.label;
        head.style.top = `${lane.top}px`;
        head.style.height = `${lane.height}px`;
        if (lane.kind === "spans") head.title = "Green is copied, amber is encoded; hatched: not made yet";
        return head;
      }),
    );
  }

  get width() {
    return this.scroller.clientWidth - this.heads.offsetWidth;
  }

  resized() {
    const { state } = store;
    if (!state || this.width <= 0) return;
    this.arrange(state);
    const fit = fitting(state.duration, this.width);
    this.zoom = this.isFitted ? Math.min(fit, MOST_ZOOM) : within(this.zoom, state.duration, this.width);
    const bottom = this.lanes.at(-1);
    this.field.style.width = `${Math.max(this.width, state.duration * this.zoom + (this.isFitted ? 20 : MARGIN))}px`;
    this.field.style.height = `${bottom ? bottom.top + bottom.height + 4 : 0}px`;
    this.heads.style.height = this.field.style.height;
    this.style.setProperty("--zoom", String(this.zoom));
    this.tools.showZoom(Math.log(this.zoom / fit) / Math.log(Math.max(1.01, MOST_ZOOM / fit)));
    this.segments.place();
    this.showPlayhead(store.playhead, false);
    this.redraw();
  }

  /**
   * Gives each lane its place, where that has changed.
   * @param {import("./types.js").State} state
   */
  arrange(state) {
    const lanes = lanesOf(state, this.scroller.clientHeight - 6);
    const isSame =
      lanes.length === this.lanes.length && lanes.every((one, i) => one.top === this.lanes[i].top);
    if (isSame) return;
    this.lanes = lanes;
    this.showHeads();
    this.segments.show(lanes);
  }

  recolour() {
    this.colours = null;
    this.redraw();
  }

  redraw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      this.paint();
    });
  }

  tokens() {
    const style = getComputedStyle(this);
    this.colours ??= Object.fromEntries(
      TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
    );
    return this.colours;
  }

  paint() {
    const { canvas, scroller, field } = this;
    const { state } = store;
    if (!state) return;
    const [width, height, dense] = [this.width, field.offsetHeight, devicePixelRatio];
    if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(height * dense);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    g.setTransform(dense, 0, 0, dense, 0, 0);
    g.clearRect(0, 0, width, height);
    const from = scroller.scrollLeft / this.zoom;
    const { lanes, zoom, media } = this;
    const colours = this.tokens();
    const { selected, range } = store;
    draw(g, { state, lanes, zoom, from, to: from + width / zoom, media, selected, range, colours }, width);
  }

  /** @param {any} what */
  look(what) {
    if (what === "snap") {
      this.isSnapping = !this.isSnapping;
      this.tools.showSnap(this.isSnapping);
    } else if (what === "in") this.zoomTo(this.zoom * 1.5);
    else if (what === "out") this.zoomTo(this.zoom / 1.5);
    else if (what === "fit") this.zoomTo(0);
    else if (what?.zoomShare !== undefined) {
      const fit = fitting(store.state?.duration ?? 1, this.width);
      this.zoomTo(fit * (MOST_ZOOM / fit) ** what.zoomShare);
    }
  }

  /**
   * @param {number} zoom
   * @param {number} [time] that stays where it is
   */
  zoomTo(zoom, time = store.playhead) {
    const { scroller } = this;
    const { state } = store;
    if (!state) return;
    const seenAt = time * this.zoom - scroller.scrollLeft;
    const at = seenAt >= 0 && seenAt <= this.width ? seenAt : this.width / 2;
    const now = within(zoom, state.duration, this.width);
    this.isFitted = now <= fitting(state.duration, this.width) * 1.001;
    this.zoom = now;
    this.resized();
    scroller.scrollLeft = scrollFor(time, at, this.zoom);
    this.redraw();
  }

  /** @param {WheelEvent} event */
  wheeled(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoomTo(this.zoom * 1.0015 ** -event.deltaY, this.timeAt(event.clientX));
    } else if (!event.shiftKey && event.deltaX === 0) {
      const { scrollHeight, clientHeight } = this.scroller;
      if (scrollHeight > clientHeight + 1) return;
      event.preventDefault();
      this.scroller.scrollLeft += event.deltaY;
    }
  }

  // ---------------------------------------------------------------- playhead and selection

  /** @param {number} clientX */
  timeAt(clientX) {
    const { left } = this.field.getBoundingClientRect();
    return Math.max(0, (clientX - left) / this.zoom);
  }

  /**
   * @param {number} time
   * @param {boolean} [isFollowed]
   */
  showPlayhead(time, isFollowed = true) {
    const x = time * this.zoom;
    this.head.style.transform = `translateX(${x}px)`;
    const { scrollLeft } = this.scroller;
    const isSeen = x >= scrollLeft && x <= scrollLeft + this.width;
    if (!isSeen && isFollowed && !this.isScrubbing)
      this.scroller.scrollLeft = Math.max(0, x - this.width * 0.1);
  }

  showSelection() {
    this.segments.showSelection();
    const segment = store.segment(store.selected);
    if (segment) {
      const [a, b] = [segment.at * this.zoom, segment.to * this.zoom];
      const { scrollLeft } = this.scroller;
      if (b < scrollLeft || a > scrollLeft + this.width)
        this.scroller.scrollLeft = Math.max(0, a - this.width * 0.1);
    }
    this.showSelected();
  }

  /** What is selected, in words. */
  showSelected() {
    const segment = store.segment(store.selected);
    const name = segment?.label || segment?.text || segment?.source || "Segment";
    this.tools.tell(segment ? `${name}  ·  ${duration(segment.to - segment.at)}` : "");
  }

  /** Anywhere but on a segment: the playhead goes there, and follows the mouse. @param {PointerEvent} event */
  scrub(event) {
    const { field } = this;
    if (event.button !== 0) return;
    event.preventDefault();
    this.isScrubbing = true;
    store.pause();
    const moved = (/** @type {PointerEvent} */ now) => store.seek(this.timeAt(now.clientX));
    moved(event);
    field.setPointerCapture(event.pointerId);
    field.addEventListener("pointermove", moved);
    const ended = () => {
      this.isScrubbing = false;
      field.removeEventListener("pointermove", moved);
    };
    field.addEventListener("pointerup", ended, { once: true });
    field.addEventListener("pointercancel", ended, { once: true });
  }

  /** What is under the mouse, in words. @param {PointerEvent} event */
  hover(event) {
    const { field } = this;
    const { state } = store;
    if (!state || event.buttons) return;
    const top = event.clientY - field.getBoundingClientRect().top;
    const lane = this.lanes.find((one) => top >= one.top && top < one.top + one.height);
    const time = this.timeAt(event.clientX);
    const words = lane ? this.told(lane, time) : "";
    if (field.title !== words) field.title = words;
  }

  /**
   * @param {Lane} lane
   * @param {number} time
   */
  told({ kind }, time) {
    const { state } = store;
    if (!state) return "";
    if (kind === "spans") {
      const [span] = seen(state.spans, time, time);
      const verb = span?.kind === "copy" ? "copied" : "encoded";
      return span ? `${verb}: ${span.reason} (${span.frames} frames)` : "";
    }
    if (kind === "words") {
      const [word] = seen(state.words, time, time);
      const who = word?.speaker ? `${word.speaker}: ` : "";
      return word ? `${who}${word.text}` : "";
    }
    if (kind === "ruler") {
      const chapter = state.chapters.findLast((one) => (one.start ?? one.at ?? 0) <= time);
      return chapter ? `${clock(time, 1)}  ${chapter.title}` : clock(time, 1);
    }
    return "";
  }
}

customElements.define("studio-timeline", Timeline);
