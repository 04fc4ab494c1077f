/** The buttons below the picture: playing, marks, speed, sound, views; and the time. */

import { icon, iconButton } from "./icons.js";
import { timecode } from "./numbers.js";
import { store } from "./store.js";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

export class Transport extends HTMLElement {
  /** @param {Record<string, () => unknown>} actions */
  connect(actions) {
    const button = (
      /** @type {string} */ name,
      /** @type {string} */ label,
      /** @type {string} */ action,
    ) => {
      const element = iconButton(name, label, actions[action]);
      element.dataset.does = action;
      return element;
    };
    const group = (/** @type {string} */ label, /** @type {HTMLElement[]} */ ...parts) => {
      const element = document.createElement("div");
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", label);
      element.append(...parts);
      return element;
    };
    this.time = document.createElement("output");
    this.time.className = "numbers";
    this.time.setAttribute("aria-label", "Time");
    this.total = document.createElement("span");
    this.total.className = "numbers hint";
    this.playing = button("play", "Play (Space)", "toggle");
    this.playing.classList.add("large");
    this.append(
      group("Time", this.time, this.total),
      group(
        "Playing",
        button("start", "Cut before (↑)", "edgeBack"),
        button("left", "One frame back (←)", "frameBack"),
        this.playing,
        button("right", "One frame on (→)", "frameOn"),
        button("end", "Next cut (↓)", "edgeOn"),
      ),
      group(
        "Marks and views",
        button("in", "Mark in (I)", "markIn"),
        button("out", "Mark out (O)", "markOut"),
        button("loop", "Repeat (R)", "loop"),
        this.speeds(),
        button("sound", "Sound (M)", "mute"),
        button("captions", "Captions (C)", "captions"),
        button("safe", "Safe areas (G)", "safe"),
        button("full", "Full screen (F)", "full"),
      ),
    );
    this.listen();
  }

  speeds() {
    const select = document.createElement("select");
    select.className = "quiet";
    select.setAttribute("aria-label", "Speed");
    select.append(...SPEEDS.map((speed) => new Option(`${speed}×`, String(speed), speed === 1, speed === 1)));
    select.addEventListener("change", () => {
      store.play(Number(select.value));
      select.blur();
    });
    store.on("rate", (rate) => {
      if (SPEEDS.includes(rate)) select.value = String(rate);
    });
    return select;
  }

  listen() {
    store.subscribe((state) => {
      if (this.total) this.total.textContent = `/ ${timecode(state.duration, store.rate)}`;
      this.showTime();
    });
    store.on("playhead", () => this.showTime());
    store.on("playing", (isPlaying) => this.showPlaying(isPlaying));
    store.on("rate", (rate) => {
      if (this.time) this.time.dataset.rate = rate === 0 || rate === 1 ? "" : `${rate}×`;
    });
    store.on("loop", (isLooping) => this.press("loop", isLooping));
    store.on("volume", ({ isMuted }) => {
      const element = this.press("mute", isMuted);
      element?.replaceChildren(icon(isMuted ? "mute" : "sound"));
    });
  }

  showTime() {
    if (this.time) this.time.textContent = timecode(store.playhead, store.rate);
  }

  /** @param {boolean} isPlaying */
  showPlaying(isPlaying) {
    const label = isPlaying ? "Pause (Space)" : "Play (Space)";
    this.playing?.replaceChildren(icon(isPlaying ? "pause" : "play"));
    this.playing?.setAttribute("aria-label", label);
    if (this.playing) this.playing.title = label;
  }

  /**
   * @param {string} action
   * @param {boolean} isOn
   */
  press(action, isOn) {
    const element = this.querySelector(`[data-does="${action}"]`);
    element?.setAttribute("aria-pressed", String(isOn));
    return element;
  }
}

customElements.define("studio-transport", Transport);
