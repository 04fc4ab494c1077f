/** What is being moved on the timeline, before it is let go: a box, and a line where it would go. */

import { clock } from "./numbers.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").Track} Track */
/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./timeline-geometry.js").Lane} Lane */

export class Ghost {
  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    this.box = document.createElement("div");
    this.box.className = "ghost";
    this.line = document.createElement("div");
    this.line.className = "insert";
    this.box.hidden = this.line.hidden = true;
  }

  /**
   * An edge at a time.
   * @param {{segment: Segment, side: "start"|"end", time: number}} edge
   */
  showEdge({ segment, side, time }) {
    const [from, to] = side === "start" ? [time, segment.to] : [segment.at, time];
    this.show(segment, from, to);
    this.timeline.segments.showEdge(segment.id, side, time);
  }

  /**
   * A segment that would begin at another time.
   * @param {Segment} segment
   * @param {number} at
   */
  showCarried(segment, at) {
    this.show(segment, at, at + segment.to - segment.at);
    this.timeline.tools.tell(`At ${clock(at, 2)}`);
  }

  /**
   * A segment of the programme that would go to another place in the order.
   * @param {Track} track
   * @param {Segment} segment
   * @param {number} place
   * @param {number} shift seconds that it is dragged
   */
  showOrder(track, segment, place, shift) {
    const others = track.segments.filter((one) => one !== segment);
    const next = others[place];
    this.show(segment, segment.at + shift, segment.to + shift);
    this.showLine(next?.at ?? others.at(-1)?.to ?? 0);
    this.timeline.tools.tell(next ? `Before “${next.label || next.source}”` : "To the end");
  }

  /**
   * A line in the programme, where something would be put in.
   * @param {number} time
   */
  showLine(time) {
    const lane = this.timeline.lanes.find((one) => one.kind === "programme");
    if (!lane) return;
    this.line.hidden = false;
    this.line.style.transform = `translate(${time * this.timeline.zoom - 2}px, ${lane.top}px)`;
    this.line.style.height = `${lane.height}px`;
  }

  /**
   * @param {Segment} segment
   * @param {number} from
   * @param {number} to
   */
  show(segment, from, to) {
    const { lanes, zoom } = this.timeline;
    const lane = lanes.find((one) => one.track?.segments.some((other) => other.id === segment.id));
    if (!lane) return;
    this.box.hidden = false;
    this.box.style.transform = `translate(${from * zoom}px, ${lane.top}px)`;
    this.box.style.width = `${Math.max(2, (to - from) * zoom)}px`;
    this.box.style.height = `${lane.height}px`;
  }

  hide() {
    this.box.hidden = this.line.hidden = true;
    this.timeline.segments.place();
  }
}
