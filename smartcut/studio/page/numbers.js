/** Exact times as text, and times as people read them. */

/**
 * A number out of "12.4", "62/5", "1:02.5" or a number.
 * @param {string|number|null|undefined} value
 * @returns {number} NaN where it is none
 */
export function numberOf(value) {
  if (typeof value === "number") return value;
  if (value == null || value.trim() === "") return Number.NaN;
  const [sign, text] = value.trim().startsWith("-") ? [-1, value.trim().slice(1)] : [1, value.trim()];
  if (text.includes("/")) {
    const [over, under] = text.split("/");
    return (sign * Number(over)) / Number(under);
  }
  return sign * text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/**
 * A time as exact text, on the grid of frames: frame 45 at 30000/1001 is "45045/30000".
 * @param {number} seconds
 * @param {string} rate frames a second, exact
 */
export function onFrames(seconds, rate) {
  const [over, under] = rate.split("/").map(Number);
  const frame = Math.round((seconds * over) / (under || 1));
  return `${frame * (under || 1)}/${over}`;
}

/**
 * Seconds as hours, minutes, seconds and frames: 1:02:03.04 is written "1:02:03:04".
 * @param {number} seconds
 * @param {number} rate frames a second
 */
export function timecode(seconds, rate) {
  const whole = Math.round(rate);
  const frames = Math.max(0, Math.floor(seconds * rate + 1e-4));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const total = Math.floor(frames / whole);
  const clock = `${two(Math.floor(total / 60) % 60)}:${two(total % 60)}:${two(frames % whole)}`;
  return `${Math.floor(total / 3600)}:${clock}`;
}

/**
 * Seconds in few characters: "0:07.5", "12:03".
 * @param {number} seconds
 * @param {number} [digits] after the point
 */
export function clock(seconds, digits = 0) {
  const factor = 10 ** digits;
  const value = Math.round(Math.max(0, seconds) * factor) / factor;
  const minutes = Math.floor(value / 60);
  const rest = (value - minutes * 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const hours = Math.floor(minutes / 60);
  if (hours) return `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
  return `${minutes}:${rest}`;
}

/**
 * A duration in words: "850 ms", "12.4 s", "3 min 05 s".
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
