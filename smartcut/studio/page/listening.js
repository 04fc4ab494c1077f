/** Buttons that let a part of a source be heard by itself, whether it is in the film or not. */
import { api } from "./api.js";
import { make } from "./elements.js";
import { store } from "./store.js";

/**
 * @typedef {object} Heard
 * @property {string} source
 * @property {number} start seconds of the source
 * @property {number} end
 * @property {number} [gain] dB
 */

const audio = new Audio();
/** The address of what is heard; nothing while nothing is. */
let heard = "";

audio.addEventListener("ended", stop);
audio.addEventListener("error", () => heard && failed());
store.on("playing", (isPlaying) => isPlaying && stop());
store.on("volume", ({ volume, isMuted }) => Object.assign(audio, { volume, muted: isMuted }));

/**
 * A button that plays a part of a source, and stops it.
 * @param {string} what told to those who do not see it
 * @param {Heard} part
 * @param {string} focus
 */
export function listening(what, { source, start, end, gain = 0 }, focus) {
  const address = api.listenUrl(source, start, end - start, gain);
  const button = make("button", {
    type: "button",
    "data-heard": address,
    "data-focus": focus,
    "data-what": what,
    onclick: () => (heard === address ? stop() : listen(address)),
  });
  drawn(button);
  return button;
}

/** @param {string} address */
async function listen(address) {
  store.pause();
  heard = address;
  audio.src = address;
  show();
  try {
    await audio.play();
  } catch (error) {
    const isLeft = error instanceof DOMException && error.name === "AbortError";
    if (!isLeft && heard === address) failed();
  }
}

function stop() {
  heard = "";
  audio.pause();
  audio.removeAttribute("src");
  show();
}

/** Says why nothing is heard, as the server says it. */
async function failed() {
  const address = heard;
  stop();
  const answer = await fetch(address).catch(() => null);
  const told = answer && !answer.ok ? await answer.json().catch(() => null) : null;
  store.fail(new Error(told?.error ?? "This part of the source cannot be played."));
}

function show() {
  for (const button of document.querySelectorAll("button[data-heard]"))
    drawn(/** @type {HTMLButtonElement} */ (button));
}

/** @param {HTMLElement} button */
function drawn(button) {
  const isHeard = button.dataset.heard === heard;
  const label = isHeard ? "Stop" : "Listen";
  button.textContent = label;
  button.setAttribute("aria-label", `${label}: ${button.dataset.what}`);
}
