/** Small pictures of the sources, out of the strip that the server makes of each. */
import { api } from "./api.js";
import { make } from "./elements.js";

/** @typedef {{picture: ImageBitmap, times: number[], width: number}} Strip */

/** @type {Map<string, Promise<Strip | null>>} */
const strips = new Map();

/**
 * The strip of a source; null where it has none, such as sound alone.
 * @param {string} source
 * @returns {Promise<Strip | null>}
 */
export function stripOf(source) {
  const known = strips.get(source) ?? fetched(source);
  strips.set(source, known);
  return known;
}

/** @param {string} source */
async function fetched(source) {
  try {
    const answer = await fetch(api.filmstripUrl(source));
    if (!answer.ok) return null;
    const times = (answer.headers.get("X-Times") ?? "").split(",").filter(Boolean).map(Number);
    const picture = await createImageBitmap(await answer.blob());
    return { picture, times, width: Number(answer.headers.get("X-Width")) || picture.width };
  } catch {
    return null;
  }
}

/**
 * The tile whose time is nearest.
 * @param {number[]} times
 * @param {number} time
 */
export function nearest(times, time) {
  let best = 0;
  times.forEach((one, number) => {
    if (Math.abs(one - time) < Math.abs(times[best] - time)) best = number;
  });
  return best;
}

/**
 * A small picture of a source at a time; it fills in when it is there.
 * @param {string | null} source
 * @param {number} time seconds of the source
 * @param {string} label what it shows, for those who do not see it; "" where text beside it says so
 */
export function thumbnail(source, time, label = "") {
  const canvas = make("canvas.thumb", { width: 160, height: 90 });
  if (label) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
  } else canvas.setAttribute("aria-hidden", "true");
  if (source) stripOf(source).then((strip) => strip && paint(canvas, strip, time));
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Strip} strip
 * @param {number} time
 */
function paint(canvas, { picture, times, width }, time) {
  const number = nearest(times, time);
  const scale = Math.min(canvas.width / width, canvas.height / picture.height);
  const [w, h] = [width * scale, picture.height * scale];
  canvas
    .getContext("2d")
    ?.drawImage(
      picture,
      number * width,
      0,
      width,
      picture.height,
      (canvas.width - w) / 2,
      (canvas.height - h) / 2,
      w,
      h,
    );
}
