/** Starts the page: loads the state, connects the header, the events and the keys. */

import "./disk-notice.js";
import "./dock.js";
import "./help.js";
import "./splitter.js";
import "./stage.js";
import "./timeline.js";
import "./transport.js";
import { actionsOf } from "./actions.js";
import { api } from "./api.js";
import { icon } from "./icons.js";
import { actionOf, focusOf } from "./keys.js";
import { store } from "./store.js";

const find = (/** @type {string} */ selector) =>
  /** @type {HTMLElement} */ (document.querySelector(selector));

const stage = /** @type {import("./stage.js").Stage} */ (document.querySelector("studio-stage"));
const transport = /** @type {import("./transport.js").Transport} */ (
  document.querySelector("studio-transport")
);
const help = /** @type {import("./help.js").Help} */ (document.querySelector("studio-help"));

/** @type {Record<string, () => unknown>} */
const actions = {
  ...actionsOf(store, /** @type {import("./deck.js").Deck} */ (stage.deck)),
  render: () => {
    store.show("panel-render");
    store.render();
  },
  theme: () => setTheme(document.documentElement.dataset.theme === "light" ? "dark" : "light"),
  help: () => help.toggle(),
  full: () => stage.toggleFull(),
  captions: () => stage.toggle("caption"),
  safe: () => stage.toggle("safe"),
};

/** @param {string} theme */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

function connectHeader() {
  for (const button of document.querySelectorAll("[data-action]")) {
    const { action = "", icon: name = "" } = /** @type {HTMLElement} */ (button).dataset;
    button.prepend(icon(name));
    button.addEventListener("click", () => actions[action]?.());
  }
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const action = actionOf(event, focusOf(document.activeElement));
  if (!action) return;
  event.preventDefault();
  actions[action]?.();
}

function showViews() {
  transport.press("captions", !stage.caption?.hidden);
  transport.press("safe", !stage.safe?.hidden);
}

/** @param {import("./types.js").State} state */
function showState(state) {
  const button = (/** @type {string} */ name) =>
    /** @type {HTMLButtonElement} */ (find(`[data-action="${name}"]`));
  document.title = `${state.name} – smartcut studio`;
  find("#name").textContent = state.name;
  find("#saved").hidden = state.is_saved;
  button("undo").disabled = !state.can_undo;
  button("redo").disabled = !state.can_redo;
  button("save").disabled = state.is_saved;
  button("render").disabled = false;
  find("#facts").textContent = facts(state).join("  ·  ");
}

/** @param {import("./types.js").State} state */
function facts(state) {
  const copied = state.spans
    .filter((span) => span.kind === "copy")
    .reduce((sum, s) => sum + s.end - s.start, 0);
  const share = state.duration ? Math.round((100 * copied) / state.duration) : 0;
  const count = (/** @type {number} */ n, /** @type {string} */ noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  return [
    ...(state.conflicts.length ? [count(state.conflicts.length, "conflict")] : []),
    ...(state.edits.length ? [count(state.edits.length, "edit")] : []),
    ...(state.notes.length ? [count(state.notes.length, "note")] : []),
    ...(state.mime ? [state.size.join(" × ")] : ["sound alone"]),
    ...(state.spans.length ? [`${share} % copied`] : []),
  ];
}

const SHOWN = 6000;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let fading;

/** @param {import("./types.js").Message} message */
function showMessage({ kind, text }) {
  const place = find("#message");
  place.dataset.kind = kind;
  place.textContent = text;
  place.title = text;
  clearTimeout(fading);
  if (kind === "info" || kind === "good") fading = setTimeout(() => place.replaceChildren(), SHOWN);
}

async function start() {
  const wanted = localStorage.getItem("theme");
  setTheme(wanted ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark"));
  if (location.search) history.replaceState(null, "", location.pathname);
  connectHeader();
  transport.connect(actions);
  showViews();
  store.on("view", showViews);
  store.on("action", (name) => actions[name]?.());
  addEventListener("keydown", pressed);
  store.subscribe(showState);
  store.on("message", showMessage);
  addEventListener("pagehide", () => api.closed());
  let wasLost = false;
  api.events(
    (event) => store.heard(event),
    (isConnected) => {
      if (!isConnected) store.say("error", "The connection to smartcut is lost. Trying again …");
      else if (wasLost) store.load().then(() => store.say("good", "Connected again."));
      wasLost = !isConnected;
    },
  );
  await store.load();
}

start().catch((error) => store.fail(error));
