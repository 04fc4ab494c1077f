/** The segments on the timeline as elements: to click, drag and reach by Tab, their edges on a layer above. */

import { clock, duration, numberOf } from "./numbers.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */

/** @type {("start"|"end")[]} */
const SIDES = ["start", "end"];
const HANDLE = 9;

export class TimelineSegments {
  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    this.layer = document.createElement("div");
    this.layer.className = "segments";
    this.layer.setAttribute("role", "group");
    this.layer.setAttribute("aria-label", "Segments: Page Up and Page Down select");
    this.handles = document.createElement("div");
    this.handles.className = "handles";
    /** @type {Map<string, {element: HTMLElement, start: HTMLElement, end: HTMLElement, segment: Segment, lane: Lane}>} */
    this.parts = new Map();
  }

  /** @param {Lane[]} lanes */
  show(lanes) {
    const focused = this.focusedId();
    const before = this.parts;
    this.parts = new Map();
    for (const lane of lanes)
      for (const segment of lane.track?.segments ?? []) {
        const known = before.get(segment.id);
        before.delete(segment.id);
        const part = known ? { ...known, segment, lane } : { ...this.made(segment.id), segment, lane };
        this.parts.set(segment.id, part);
        this.name(part);
      }
    for (const { element, start, end } of before.values())
      for (const one of [element, start, end]) one.remove();
    // The order of Tab is that of the film.
    this.layer.append(...[...this.parts.values()].map((part) => part.element));
    this.handles.append(...[...this.parts.values()].flatMap((part) => [part.start, part.end]));
    this.place();
    this.showSelection();
    if (focused) this.focusAgain(...focused);
  }

  /** What has the focus here, by id: elements that are put in order lose it. @returns {[string, string]|null} */
  focusedId() {
    for (const [id, part] of this.parts)
      for (const name of /** @type {const} */ (["element", "start", "end"]))
        if (part[name] === document.activeElement) return [id, name];
    return null;
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  focusAgain(id, name) {
    const part = this.parts.get(id);
    if (part) part[/** @type {"element"|"start"|"end"} */ (name)].focus({ preventScroll: true });
  }

  /** @param {string} id */
  made(id) {
    const element = document.createElement("div");
    element.className = "segment";
    element.setAttribute("role", "button");
    element.dataset.keys = "free";
    const [label, mark] = [document.createElement("span"), document.createElement("span")];
    label.className = "label";
    mark.className = "edited";
    const head = document.createElement("span");
    head.className = "name";
    head.append(label, " ", mark);
    element.append(head);
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      element.focus({ preventScroll: true });
      this.timeline.drag.carry(event, element, id);
    });
    element.addEventListener("focus", () => store.select(id));
    element.addEventListener("dblclick", (event) => store.seek(this.timeline.timeAt(event.clientX)));
    const [start, end] = SIDES.map((side) => this.handle(id, side));
    return { element, start, end };
  }

  /**
   * @param {string} id
   * @param {"start"|"end"} side
   */
  handle(id, side) {
    const element = document.createElement("div");
    element.className = `handle ${side}`;
    element.setAttribute("role", "slider");
    element.setAttribute("aria-orientation", "horizontal");
    element.addEventListener("pointerdown", (event) => this.timeline.drag.pull(event, element, id, side));
    element.addEventListener("keydown", (event) => this.timeline.drag.press(event, id, side));
    return element;
  }

  /** @param {{element: HTMLElement, start: HTMLElement, end: HTMLElement, segment: Segment, lane: Lane}} part */
  name({ element, start, end, segment, lane }) {
    const name = segment.text || segment.label || segment.source || "Segment";
    const [label, mark] = /** @type {HTMLElement} */ (element.firstElementChild).children;
    label.textContent = name;
    mark.textContent = segment.edited ?? "";
    element.title = `${name}  ${clock(segment.at, 1)} – ${clock(segment.to, 1)}`;
    // What is seen stands in what is read out, in its order.
    const seen = segment.edited ? `${name} ${segment.edited}` : name;
    element.setAttribute("aria-label", `${lane.label}: ${seen}, ${duration(segment.to - segment.at)}`);
    const source = store.state?.sources.find((one) => one.id === segment.source);
    for (const [handle, side, words] of /** @type {const} */ ([
      [start, "start", "Beginning"],
      [end, "end", "End"],
    ])) {
      const time = numberOf(segment[side]);
      handle.setAttribute("aria-label", `${words} of ${name}`);
      handle.setAttribute("aria-valuemin", "0");
      handle.setAttribute("aria-valuemax", String(source?.duration ?? store.state?.duration ?? time));
      handle.setAttribute("aria-valuenow", String(time));
      handle.setAttribute("aria-valuetext", `${clock(time, 2)}${source ? ` of ${source.name}` : ""}`);
    }
  }

  /**
   * Seconds of a segment until the next one comes in over it.
   * @param {Segment} segment
   * @param {Lane} lane
   */
  labelled(segment, lane) {
    const all = lane.track?.segments ?? [];
    const next = all[all.indexOf(segment) + 1];
    return Math.min(segment.to, next?.at ?? Infinity) - segment.at;
  }

  /** Puts everything where the zoom has it. */
  place() {
    const { zoom } = this.timeline;
    for (const { element, start, end, segment, lane } of this.parts.values()) {
      const [left, right] = [segment.at * zoom, segment.to * zoom];
      const handle = Math.min(HANDLE, Math.max(3, (right - left) / 3));
      element.style.transform = `translate(${left}px, ${lane.top}px)`;
      element.style.width = `${Math.max(2, right - left - 1)}px`;
      element.style.setProperty("--room", `${Math.max(0, this.labelled(segment, lane) * zoom - 20)}px`);
      element.style.height = `${lane.height}px`;
      for (const [one, x] of /** @type {[HTMLElement, number][]} */ ([
        [start, left],
        [end, right - handle - 1],
      ])) {
        one.style.transform = `translate(${x}px, ${lane.top}px)`;
        one.style.width = `${handle}px`;
        one.style.height = `${lane.height}px`;
      }
    }
  }

  /**
   * @param {string} id
   * @param {"start"|"end"} side
   * @param {number} time on the timeline
   */
  showEdge(id, side, time) {
    const part = this.parts.get(id);
    if (!part) return;
    const shift = side === "end" ? part.end.offsetWidth : 0;
    part[side].style.transform = `translate(${time * this.timeline.zoom - shift}px, ${part.lane.top}px)`;
  }

  showSelection() {
    const selected = store.selected && this.parts.has(store.selected) ? store.selected : null;
    const reached = selected ?? this.parts.keys().next().value;
    for (const [id, { element, start, end }] of this.parts) {
      const isSelected = id === selected;
      element.classList.toggle("selected", isSelected);
      element.setAttribute("aria-pressed", String(isSelected));
      element.tabIndex = id === reached ? 0 : -1;
      for (const handle of [start, end]) {
        handle.tabIndex = isSelected ? 0 : -1;
        handle.classList.toggle("selected", isSelected);
      }
    }
  }
}
