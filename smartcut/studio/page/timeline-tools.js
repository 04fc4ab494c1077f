/** The bar above the timeline: tools with their keys, and the size of what is seen. */

import { iconButton } from "./icons.js";
import { store } from "./store.js";

export class TimelineTools {
  /** @param {HTMLElement} place */
  constructor(place) {
    place.className = "timeline-tools";
    place.setAttribute("role", "toolbar");
    place.setAttribute("aria-label", "Timeline");
    const tool = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ action) => {
      const button = iconButton(name, label, () => store.emit("action", action));
      button.dataset.does = action;
      return button;
    };
    this.snap = tool("snap", "Snapping (N)", "snap");
    this.hint = document.createElement("p");
    this.hint.className = "hint";
    this.hint.setAttribute("role", "status");
    this.size = document.createElement("input");
    this.size.type = "range";
    this.size.min = "0";
    this.size.max = "100";
    this.size.setAttribute("aria-label", "Size of the timeline");
    this.size.addEventListener("input", () =>
      store.emit("view", { zoomShare: Number(this.size.value) / 100 }),
    );
    place.append(
      this.snap,
      tool("split", "Split at the playhead (S)", "split"),
      tool("remove", "Remove the segment (Delete)", "remove"),
      tool("title", "Add a title (T)", "title"),
      this.hint,
      tool("smaller", "Smaller (−)", "zoomOut"),
      this.size,
      tool("larger", "Larger (+)", "zoomIn"),
      tool("fit", "The whole film (0)", "zoomFit"),
    );
  }

  /** @param {boolean} isOn */
  showSnap(isOn) {
    this.snap.setAttribute("aria-pressed", String(isOn));
  }

  /** @param {number} share 0 is the whole film, 1 as large as there is */
  showZoom(share) {
    this.size.value = String(Math.round(share * 100));
  }

  /**
   * @param {string} text
   * @param {"copy"|"encode"|""} [kind]
   */
  tell(text, kind = "") {
    this.hint.textContent = text;
    this.hint.dataset.kind = kind;
  }
}
