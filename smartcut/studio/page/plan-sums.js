/** A plan in few numbers: what is there already, what is to do, and why it is not copied. */

/**
 * @typedef {{stage: string, subject: string, state: string, reason: string, seconds?: number | null, expected?: number | null}} Step
 * @typedef {import("./types.js").Span} Span
 */

/** What the states of a plan's steps mean, in the order of their weight. @type {Record<string, {title: string, isWork: boolean}>} */
export const states = {
  missing: { title: "not installed", isWork: true },
  unknown: { title: "known later", isWork: true },
  encode: { title: "to encode", isWork: true },
  run: { title: "to run", isWork: true },
  copy: { title: "copied", isWork: false },
  cached: { title: "known", isWork: false },
  pure: { title: "no media", isWork: false },
};

/**
 * The steps by stage, in the order of the plan; each with the weightiest state of its steps.
 * @param {Step[]} steps
 * @returns {{stage: string, state: string, steps: Step[]}[]}
 */
export function byStage(steps) {
  /** @type {Map<string, {stage: string, state: string, steps: Step[]}>} */
  const found = new Map();
  for (const step of steps) {
    const group = found.get(step.stage) ?? { stage: step.stage, state: step.state, steps: [] };
    group.steps.push(step);
    if (weight(step.state) < weight(group.state)) group.state = step.state;
    found.set(step.stage, group);
  }
  return [...found.values()];
}

/** @param {string} state */
const weight = (state) => {
  const place = Object.keys(states).indexOf(state);
  return place < 0 ? 0.5 : place;
};

/**
 * Seconds that are copied and encoded.
 * @param {Span[]} spans
 */
export function shares(spans) {
  const sum = (/** @type {string} */ kind) =>
    spans.filter((span) => span.kind === kind).reduce((all, span) => all + span.end - span.start, 0);
  const [copied, encoded] = [sum("copy"), sum("encode")];
  return { copied, encoded, share: copied + encoded > 0 ? copied / (copied + encoded) : 0 };
}

/**
 * Why pictures are encoded: each reason with its seconds and places, the largest first.
 * @param {Span[]} spans
 * @returns {{reason: string, seconds: number, spans: Span[]}[]}
 */
export function reasons(spans) {
  /** @type {Map<string, {reason: string, seconds: number, spans: Span[]}>} */
  const found = new Map();
  for (const span of spans) {
    if (span.kind !== "encode") continue;
    const known = found.get(span.reason) ?? { reason: span.reason, seconds: 0, spans: [] };
    known.seconds += span.end - span.start;
    known.spans.push(span);
    found.set(span.reason, known);
  }
  return [...found.values()].sort((a, b) => b.seconds - a.seconds);
}

/**
 * How long the work takes, as far as such work was measured before.
 * @param {{estimate_seconds?: number | null, steps: Step[], decodes?: Step[]}} plan
 * @returns {number | null}
 */
export function estimate({ estimate_seconds, steps, decodes = [] }) {
  if (estimate_seconds !== undefined) return estimate_seconds;
  const known = [...steps, ...decodes].flatMap((s) => (typeof s.expected === "number" ? [s.expected] : []));
  return known.length ? known.reduce((a, b) => a + b, 0) : null;
}
