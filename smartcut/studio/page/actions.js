/** What keys and buttons do, by name. */

import * as edits from "./edits.js";
import { nextEdge, shuttle } from "./transport-math.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./deck.js").Deck} Deck */

/**
 * @param {Store} store
 * @param {Deck} deck
 * @returns {Record<string, () => unknown>}
 */
export function actionsOf(store, deck) {
  const frame = () => 1 / store.rate;
  const edge = (/** @type {1|-1} */ way) => {
    const to = nextEdge(store.programme(), store.state?.duration ?? 0, store.playhead, way);
    deck.pause();
    store.seek(to);
  };
  const jump = (/** @type {number} */ seconds) => {
    deck.pause();
    store.seek(store.playhead + seconds);
  };
  const play = (/** @type {1|-1} */ way) => deck.play(shuttle(deck.rate, way));

  return {
    toggle: () => (deck.isPlaying ? deck.pause() : deck.play(1)),
    pause: () => deck.pause(),
    faster: () => play(1),
    backwards: () => play(-1),
    frameBack: () => deck.step(-1),
    frameOn: () => deck.step(1),
    secondBack: () => jump(-1),
    secondOn: () => jump(1),
    edgeBack: () => edge(-1),
    edgeOn: () => edge(1),
    toStart: () => store.seek(0),
    toEnd: () => store.seek(store.state?.duration ?? 0),
    loop: () => deck.setLoop(!deck.isLooping),
    mute: () => deck.setVolume(deck.volume, !deck.isMuted),

    selectBefore: () => selectBy(store, -1),
    selectNext: () => selectBy(store, 1),
    selectHere: () => store.select(shown(store)?.id ?? null),
    clear: () => store.select(null),
    markIn: () => store.mark({ in: store.playhead }),
    markOut: () => store.mark({ out: store.playhead + frame() }),
    unmark: () => store.mark({ in: null, out: null }),

    split: () => splitHere(store),
    trimIn: () => trimHere(store, "start"),
    trimOut: () => trimHere(store, "end"),
    moveBack: () => moveBy(store, -1),
    moveOn: () => moveBy(store, 1),
    remove: () => removeSelected(store),
    removeRange: () => removeMarked(store),
    title: () => addTitle(store),
    undo: () => store.undo(),
    redo: () => store.redo(),
    save: () => store.save(),
    snap: () => store.emit("view", "snap"),
    zoomIn: () => store.emit("view", "in"),
    zoomOut: () => store.emit("view", "out"),
    zoomFit: () => store.emit("view", "fit"),
  };
}

/** The segment of the programme at the playhead. @param {Store} store */
function shown(store) {
  return store.programme().findLast((one) => one.at <= store.playhead + 1e-4) ?? null;
}

/**
 * A segment with its track, where there is one.
 * @param {Store} store
 * @param {import("./types.js").Segment|null} segment
 */
function placed(store, segment) {
  const track = segment && store.trackOf(segment.id);
  return segment && track && store.state ? { segment, track, state: store.state } : null;
}

/** What is cut at the playhead: what is selected if it is there, else what is shown. @param {Store} store */
function under(store) {
  const selected = store.segment(store.selected);
  const at = store.playhead + 1e-4;
  return placed(store, selected && selected.at <= at && at < selected.to ? selected : shown(store));
}

/** What is moved: what is selected, else what is shown. @param {Store} store */
function meant(store) {
  return placed(store, store.segment(store.selected) ?? shown(store));
}

/**
 * @param {Store} store
 * @param {1|-1} way
 */
function selectBy(store, way) {
  const all = store.segments();
  const now = all.findIndex((one) => one.id === store.selected);
  const next = now < 0 ? shown(store) : all[now + way];
  if (!next) return;
  store.select(next.id);
  store.seek(next.at);
}

/** @param {Store} store */
async function splitHere(store) {
  const it = under(store);
  const edit = it && edits.split(it.state, it.track, it.segment, store.playhead);
  if (!edit)
    return store.say("warning", "Nothing to split: the playhead is at an edge, or outside of the segment.");
  if (await store.edit(edit)) store.say("info", "Split. Undo with Ctrl+Z.");
}

/**
 * @param {Store} store
 * @param {"start"|"end"} side
 */
async function trimHere(store, side) {
  const it = under(store);
  if (!it) return;
  const { segment } = it;
  const time = side === "start" ? store.playhead : store.playhead + 1 / store.rate;
  const isInside = time > segment.at - 1e-4 && time < segment.to + 1e-4;
  const edit =
    isInside && edits.trim(it.state, it.track, segment, side, time - segment[side === "start" ? "at" : "to"]);
  if (!edit)
    return store.say("warning", "Nothing to trim: the playhead is outside of the segment, or at its edge.");
  if (!(await store.edit(edit))) return;
  const now = store.segment(segment.id);
  if (now) store.seek(side === "start" ? now.at : now.to - 1 / store.rate);
}

/**
 * @param {Store} store
 * @param {1|-1} way
 */
async function moveBy(store, way) {
  const it = meant(store);
  if (!it) return;
  const { segment, track, state } = it;
  const place = track.segments.indexOf(segment) + way;
  const isFirst = track.role === "programme" && (place < 0 || place >= track.segments.length);
  if (isFirst) return store.say("info", way < 0 ? "It is the first already." : "It is the last already.");
  const edit =
    track.role === "programme"
      ? edits.move(track, segment, place)
      : edits.shift(state, track, segment, segment.at + way / store.rate);
  if (!edit || !(await store.edit(edit))) return;
  const now = store.segment(segment.id);
  if (!now) return;
  store.select(now.id);
  store.seek(now.at);
}

/** @param {Store} store */
async function removeSelected(store) {
  const { segment, track } = meant(store) ?? {};
  if (!segment || !track || !store.selected)
    return store.say("warning", "Nothing is selected. Click a segment, or press Enter for what is shown.");
  const after = track.segments[track.segments.indexOf(segment) + 1];
  if (!(await store.edit(edits.remove(track, segment)))) return;
  store.select(after && store.segment(after.id) ? after.id : null);
  store.seek(segment.at);
  store.say("info", "Removed. Undo with Ctrl+Z.");
}

/** @param {Store} store */
async function removeMarked(store) {
  const { in: from, out: to } = store.range;
  if (!store.state || from === null || to === null)
    return store.say("warning", "Mark a range first: I for its beginning, O for its end.");
  if (!(await store.edit(edits.removeRange(store.state, from, to)))) return;
  store.mark({ in: null, out: null });
  store.seek(from);
}

/** @param {Store} store */
async function addTitle(store) {
  if (!store.state) return;
  const before = new Set(store.segments().map((one) => one.id));
  if (!(await store.edit(edits.title(store.state, "Title", store.playhead)))) return;
  const added = store.segments().find((one) => !before.has(one.id));
  if (!added) return;
  store.select(added.id);
  store.show("panel-inspector");
}
