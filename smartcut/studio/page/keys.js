/** Which key does what; the help lists the same table. */

/**
 * @typedef {object} Key
 * @property {string} action
 * @property {string} label
 * @property {string} group
 * @property {string[]} keys as `Ctrl+Shift+z`; Ctrl is Command on a Mac too
 */

/** @type {Key[]} */
export const keys = [
  { group: "Play", keys: ["Space"], action: "toggle", label: "Play or pause" },
  { group: "Play", keys: ["k"], action: "pause", label: "Pause" },
  { group: "Play", keys: ["l"], action: "faster", label: "Play; again: faster" },
  { group: "Play", keys: ["j"], action: "backwards", label: "Play backwards; again: faster" },
  { group: "Play", keys: ["ArrowLeft"], action: "frameBack", label: "One frame back" },
  { group: "Play", keys: ["ArrowRight"], action: "frameOn", label: "One frame on" },
  { group: "Play", keys: ["Shift+ArrowLeft"], action: "secondBack", label: "One second back" },
  { group: "Play", keys: ["Shift+ArrowRight"], action: "secondOn", label: "One second on" },
  { group: "Play", keys: ["ArrowUp"], action: "edgeBack", label: "To the cut before" },
  { group: "Play", keys: ["ArrowDown"], action: "edgeOn", label: "To the next cut" },
  { group: "Play", keys: ["Home"], action: "toStart", label: "To the beginning" },
  { group: "Play", keys: ["End"], action: "toEnd", label: "To the end" },
  { group: "Play", keys: ["r"], action: "loop", label: "Repeat the range or segment" },
  { group: "Play", keys: ["m"], action: "mute", label: "Sound on or off" },

  { group: "Picture", keys: ["f"], action: "full", label: "Full screen" },
  { group: "Picture", keys: ["c"], action: "captions", label: "Captions" },
  { group: "Picture", keys: ["g"], action: "safe", label: "Safe areas" },

  { group: "Select", keys: ["PageUp"], action: "selectBefore", label: "Select the segment before" },
  { group: "Select", keys: ["PageDown"], action: "selectNext", label: "Select the next segment" },
  { group: "Select", keys: ["Enter"], action: "selectHere", label: "Select what is shown" },
  { group: "Select", keys: ["Escape"], action: "clear", label: "Select nothing" },
  { group: "Select", keys: ["i"], action: "markIn", label: "Mark in at the playhead" },
  { group: "Select", keys: ["o"], action: "markOut", label: "Mark out after this frame" },
  { group: "Select", keys: ["x"], action: "unmark", label: "Forget in and out" },

  { group: "Edit", keys: ["s"], action: "split", label: "Split at the playhead" },
  { group: "Edit", keys: ["q"], action: "trimIn", label: "Begin it at the playhead" },
  { group: "Edit", keys: ["w"], action: "trimOut", label: "End it at the playhead" },
  {
    group: "Edit",
    keys: ["Alt+ArrowLeft"],
    action: "moveBack",
    label: "Move it earlier in the film",
  },
  { group: "Edit", keys: ["Alt+ArrowRight"], action: "moveOn", label: "Move it later in the film" },
  { group: "Edit", keys: ["Delete", "Backspace"], action: "remove", label: "Remove the segment" },
  {
    group: "Edit",
    keys: ["Shift+Delete"],
    action: "removeRange",
    label: "Remove from in to out",
  },
  { group: "Edit", keys: ["t"], action: "title", label: "Add a title at the playhead" },
  { group: "Edit", keys: ["n"], action: "snap", label: "Snapping on or off" },
  { group: "Edit", keys: ["Ctrl+z"], action: "undo", label: "Undo" },
  { group: "Edit", keys: ["Ctrl+Shift+z", "Ctrl+y"], action: "redo", label: "Redo" },
  { group: "Edit", keys: ["Ctrl+s"], action: "save", label: "Save the edits" },

  { group: "View", keys: ["+", "="], action: "zoomIn", label: "Timeline larger" },
  { group: "View", keys: ["-"], action: "zoomOut", label: "Timeline smaller" },
  { group: "View", keys: ["0"], action: "zoomFit", label: "The whole film" },
  { group: "View", keys: ["?"], action: "help", label: "This list" },
];

/** Plain keys that a focused control keeps for itself, and those that one of several choices does. */
const PRESSED = ["Space", "Enter"];
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

/**
 * How a key event is written in the table.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 */
export function written({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const name = key === " " ? "Space" : key.length === 1 ? key.toLowerCase() : key;
  // The shift of "?" and "+" is part of the character.
  const isShifted = shiftKey && (key.length > 1 || key === " " || /[a-z]/.test(name));
  return [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", isShifted && "Shift", name]
    .filter(Boolean)
    .join("+");
}

/**
 * The action of a key event; null where it has none, or belongs to what has the focus.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 * @param {{isTyping: boolean, isControl: boolean, isChoice?: boolean}} focus typing takes every key, a control Space
 *   and Enter, a choice arrows too
 */
export function actionOf(event, { isTyping, isControl, isChoice }) {
  const name = written(event);
  if (isTyping && name !== "Ctrl+s") return null;
  if (isControl && PRESSED.includes(name)) return null;
  if (isChoice && ARROWS.includes(name)) return null;
  return keys.find((key) => key.keys.includes(name))?.action ?? null;
}

/**
 * What has the focus, as far as keys are concerned.
 * @param {Element|null} element
 */
export function focusOf(element) {
  const kind = element?.tagName ?? "";
  const type = element?.getAttribute("type") ?? "";
  const isText =
    kind === "TEXTAREA" ||
    kind === "SELECT" ||
    (kind === "INPUT" && !["checkbox", "radio", "button"].includes(type));
  const isEditable = element instanceof HTMLElement && element.isContentEditable;
  const role = element?.getAttribute("role") ?? "";
  const isControl =
    ["BUTTON", "A", "SUMMARY", "INPUT"].includes(kind) ||
    ["tab", "option", "button", "checkbox"].includes(role);
  const isFree = element instanceof HTMLElement && element.dataset.keys === "free";
  return { isTyping: isText || isEditable, isControl: isControl && !isFree, isChoice: type === "radio" };
}
