/**
 * What the keys and buttons of a player do: play at any speed and backwards, seek, step, loop; and
 * the change from one version of the cut to the next, in a second <video> that is shown once it has a frame.
 */

import { placeOf } from "./feed.js";
import { Player } from "./player.js";
import { loopOf } from "./transport-math.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Chunk} Chunk */

const MOST_REBUILDS = 6;
/** Seconds before a gap at which browsers stop. */
const GAP = 0.15;
/** Milliseconds in which a frame that was sought is painted. */
const FRAME_PATIENCE = 100;

export class Deck {
  /**
   * @param {import("./store.js").Store} store
   * @param {HTMLElement} screen where the <video> goes
   */
  constructor(store, screen) {
    this.store = store;
    this.screen = screen;
    /** @type {Player|null} shown now */
    this.player = null;
    /** @type {Player|null} takes over once it has a frame */
    this.next = null;
    this.rate = 0;
    this.isLooping = false;
    this.isStarving = false;
    this.volume = 1;
    this.isMuted = false;
    this.target = 0;
    this.rebuilds = 0;
    /** @type {Map<string, number>} */
    this.failed = new Map();
    this.signature = "";
    store.attach(this);
    store.subscribe((state) => this.show(state));
  }

  get isPlaying() {
    return this.rate !== 0;
  }

  /** Whether there is a picture. */
  get isShown() {
    return this.player !== null;
  }

  get video() {
    return this.player?.video ?? null;
  }

  // ---------------------------------------------------------------- versions of the cut

  /** @param {State} state */
  show(state) {
    const signature = `${!state.sound} ${state.duration} ${state.chunks.map(placeOf).join(" ")}`;
    if (signature === this.signature) return (this.next ?? this.player)?.refresh(state);
    this.signature = signature;
    this.rebuilds = 0;
    this.failed.clear();
    this.store.emit("trouble", null);
    return this.build(state);
  }

  /** @param {State} state */
  async build(state) {
    this.next?.close();
    this.player?.rest();
    const at = Math.min(this.target, Math.max(0, state.duration - 1 / this.store.rate));
    const video = document.createElement("video");
    video.playsInline = true;
    video.tabIndex = -1;
    video.className = "waiting";
    video.volume = this.volume;
    video.muted = this.isMuted;
    video.setAttribute("aria-label", "The cut");
    this.screen.append(video);
    this.waits(true);
    const player = new Player(video, this.events(), this.failed);
    this.next = player;
    if (state.mime) this.awaitFrame(player);
    else video.addEventListener("loadeddata", () => this.take(player));
    await player.open(state, this.middle(at));
  }

  /**
   * Shows a player once it has the frame that is wanted: before that, browsers may show the film's first.
   * @param {Player} player
   */
  awaitFrame(player) {
    const { video } = player;
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.next !== player) return;
      const isWanted = Math.abs(mediaTime - video.currentTime) < 1.5 / this.store.rate;
      if (isWanted || !video.seeking) return this.take(player);
      const sought = () => setTimeout(() => this.take(player), FRAME_PATIENCE);
      video.addEventListener("seeked", sought, { once: true });
      this.awaitFrame(player);
    });
  }

  /** @param {Player} player */
  take(player) {
    if (this.next !== player) return;
    const old = this.player;
    this.player = player;
    this.next = null;
    const { video } = player;
    this.isStarving = false;
    video.classList.remove("waiting");
    old?.close();
    video.addEventListener("ended", () => this.ended());
    video.addEventListener("waiting", () => {
      this.waits(true);
      this.leapGap();
    });
    video.addEventListener("timeupdate", () => {
      this.starve();
      if (!player.picture) this.reach(video.currentTime);
    });
    video.addEventListener("seeking", () => this.waits(true));
    video.addEventListener("seeked", () => this.waits(false));
    video.addEventListener("playing", () => this.waits(false));
    video.addEventListener("error", () => this.lost(video.error?.message ?? "the browser stopped playing"));
    this.waits(false);
    this.store.emit("shown", this.store.state?.version);
    const isElsewhere = Math.abs(video.currentTime - this.target) > 0.5;
    if (isElsewhere && this.isPlaying) video.currentTime = this.middle(this.target);
    if (this.rate > 0) this.play(this.rate);
    this.watch(video);
  }

  events() {
    return {
      broken: (/** @type {Chunk} */ chunk, /** @type {string} */ message) => {
        this.tell(chunk, message);
        this.lost(message);
      },
      missing: (/** @type {Chunk} */ chunk, /** @type {string} */ message) => this.leap(chunk, message),
      fed: () => this.feed(),
      silent: (/** @type {string} */ message) =>
        this.store.say("error", `The sound could not be loaded: ${message}`),
      made: (/** @type {Chunk} */ chunk, /** @type {boolean} */ isReplacing) => {
        chunk.ready = true;
        this.store.emit("made", chunk);
        const { video } = this;
        const isShown =
          isReplacing && video && chunk.start <= video.currentTime && video.currentTime < chunk.end;
        if (isShown && !this.isPlaying) video.currentTime += 0; // paints the frame anew
      },
    };
  }

  /**
   * A part cannot be had: it is told, and playing goes on after it.
   * @param {Chunk} chunk
   * @param {string} message
   */
  leap(chunk, message) {
    this.tell(chunk, message);
    this.leapGap();
  }

  /**
   * Tells of a part that was tried as a draft too.
   * @param {Chunk} chunk
   * @param {string} message
   */
  tell(chunk, message) {
    if (this.isLost(chunk)) this.store.emit("trouble", { at: chunk.start, message });
  }

  /** @param {Chunk} chunk */
  isLost(chunk) {
    return (this.failed.get(placeOf(chunk)) ?? 0) > 1;
  }

  /** Where playing has come to a part that cannot be had, it goes on behind it. */
  leapGap() {
    const { video, store } = this;
    if (!video || this.rate <= 0) return;
    const at = video.currentTime;
    const chunk = store.state?.chunks.find(
      (one) => one.start <= at + GAP && at < one.end && this.isLost(one),
    );
    if (!chunk) return;
    this.isStarving = false;
    this.jump(chunk.end);
    if (video.paused) this.play(this.rate);
  }

  /** The element is dead: another one begins at the same place. @param {string} message */
  lost(message) {
    const { state } = this.store;
    if (!state) return;
    this.rebuilds++;
    if (this.rebuilds <= MOST_REBUILDS) this.build(state);
    else this.store.emit("trouble", { at: this.target, message });
  }

  /** The clock stops where the picture is late, and goes on from the last frame that was seen. */
  starve() {
    const { video, player } = this;
    if (!video || !player?.isStarved || this.rate <= 0 || video.seeking) return;
    this.leapGap();
    if (video.seeking || this.isStarving) return;
    this.isStarving = true;
    this.waits(true);
    video.pause();
    video.currentTime = this.middle(this.target + 1 / this.store.rate);
  }

  feed() {
    const { video, player } = this;
    if (!this.isStarving || !video || !player || player.isStarved) return;
    this.isStarving = false;
    if (this.rate > 0) this.play(this.rate);
  }

  /** Playing has come to a time. @param {number} time */
  reach(time) {
    if (this.rate <= 0) return;
    this.target = time;
    this.store.movePlayhead(time);
    this.repeat(time);
  }

  /** @param {HTMLVideoElement} video */
  watch(video) {
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.video !== video) return;
      this.reach(mediaTime);
      this.store.emit("frame", mediaTime);
      this.watch(video);
    });
  }

  /** @param {boolean} isWaiting */
  waits(isWaiting) {
    this.store.emit("waiting", isWaiting);
  }

  // ---------------------------------------------------------------- seeking

  /**
   * The middle of the frame at a time, so that no rounding shows its neighbour.
   * @param {number} time
   */
  middle(time) {
    const { rate } = this.store;
    return (Math.floor(time * rate + 1e-3) + 0.5) / rate;
  }

  /** @param {number} time seconds */
  seek(time) {
    this.target = time;
    const at = this.middle(time);
    if (this.next) this.next.video.currentTime = at;
    const { video } = this;
    if (!video) return;
    if (this.isStarving) {
      this.isStarving = false;
      video.play().catch((error) => this.store.fail(error));
    }
    if (!video.seeking) video.currentTime = at;
    else if (!this.isChasing) {
      // One seek at a time: the last wish follows when the one before it is there, or takes long.
      this.isChasing = true;
      const chase = () => {
        clearTimeout(timer);
        video.removeEventListener("seeked", chase);
        this.isChasing = false;
        if (!this.isPlaying || this.rate < 0) video.currentTime = this.middle(this.target);
      };
      const timer = setTimeout(chase, 120);
      video.addEventListener("seeked", chase);
    }
  }

  /** @param {number} frames how many, negative backwards */
  step(frames) {
    this.pause();
    const { rate } = this.store;
    this.store.seek((Math.floor(this.store.playhead * rate + 1e-3) + frames) / rate);
  }

  // ---------------------------------------------------------------- playing

  /** @param {number} [rate] */
  play(rate = 1) {
    const { video, store } = this;
    this.rate = rate;
    store.setPlaying(true);
    store.emit("rate", rate);
    if (!video) return;
    if (rate < 0) {
      video.pause();
      this.playBack(performance.now());
      return;
    }
    if (store.state && store.playhead >= store.state.duration - 1.5 / store.rate)
      store.seek(this.loop()?.[0] ?? 0);
    video.playbackRate = rate;
    video.play().catch((error) => {
      if (error.name === "AbortError") return;
      this.pause();
      store.fail(error);
    });
  }

  pause() {
    const { video, store } = this;
    const wasForward = this.rate > 0;
    this.isStarving = false;
    this.rate = 0;
    video?.pause();
    store.setPlaying(false);
    store.emit("rate", 0);
    if (wasForward && video) this.target = store.playhead;
  }

  /** Backwards: a browser cannot, so frames are sought as fast as they come. @param {number} last */
  playBack(last) {
    requestAnimationFrame((now) => {
      if (this.rate >= 0) return;
      const { store, video } = this;
      if (video?.seeking) return this.playBack(last);
      const to = store.playhead + (this.rate * (now - last)) / 1000;
      store.seek(to);
      if (to <= 0) this.pause();
      else this.playBack(now);
    });
  }

  /** The range that is repeated: in to out, else the selected segment, else all. */
  loop() {
    const { range, selected, state } = this.store;
    return this.isLooping && state ? loopOf(range, this.store.segment(selected), state.duration) : null;
  }

  /** @param {number} time of the frame that is shown */
  repeat(time) {
    const loop = this.loop();
    if (loop && time >= loop[1] - 1.01 / this.store.rate) this.jump(loop[0]);
  }

  ended() {
    const loop = this.loop();
    if (!loop) return this.pause();
    this.jump(loop[0]);
    this.play(this.rate || 1);
  }

  /** @param {number} time while it plays */
  jump(time) {
    this.target = time;
    if (this.video) this.video.currentTime = this.middle(time);
  }

  /** @param {boolean} isLooping */
  setLoop(isLooping) {
    this.isLooping = isLooping;
    this.store.emit("loop", isLooping);
  }

  /**
   * @param {number} volume 0..1
   * @param {boolean} isMuted
   */
  setVolume(volume, isMuted) {
    this.volume = volume;
    this.isMuted = isMuted;
    for (const player of [this.player, this.next]) {
      if (!player) continue;
      player.video.volume = volume;
      player.video.muted = isMuted;
    }
    this.store.emit("volume", { volume, isMuted });
  }
}
