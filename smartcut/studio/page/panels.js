/** The panels beside the picture: which there are, on which side, and where each is loaded from. */

/**
 * @typedef {object} Panel
 * @property {string} tag of its custom element
 * @property {string} title
 * @property {"left"|"right"} side
 * @property {string} [stage] without which in the pipeline there is nothing to show: then it has no tab
 * @property {() => Promise<unknown>} load defines the element; called when it is first shown
 */

/** @type {Panel[]} */
export const panels = [
  {
    tag: "panel-transcript",
    title: "Transcript",
    side: "left",
    load: () => import("./panel-transcript.js"),
  },
  {
    tag: "panel-candidates",
    title: "Candidates",
    side: "left",
    load: () => import("./panel-candidates.js"),
  },
  {
    tag: "panel-takes",
    title: "Takes",
    side: "left",
    stage: "takes",
    load: () => import("./panel-takes.js"),
  },
  { tag: "panel-pipeline", title: "Pipeline", side: "left", load: () => import("./panel-pipeline.js") },
  { tag: "panel-expected", title: "Checks", side: "left", load: () => import("./panel-expected.js") },
  { tag: "panel-films", title: "Films", side: "left", load: () => import("./panel-films.js") },
  { tag: "panel-inspector", title: "Segment", side: "right", load: () => import("./panel-inspector.js") },
  { tag: "panel-plan", title: "Plan", side: "right", load: () => import("./panel-plan.js") },
  { tag: "panel-edits", title: "Edits", side: "right", load: () => import("./panel-edits.js") },
  { tag: "panel-compare", title: "Compare", side: "right", load: () => import("./panel-compare.js") },
  { tag: "panel-elisions", title: "Left out", side: "right", load: () => import("./panel-elisions.js") },
  { tag: "panel-render", title: "Render", side: "right", load: () => import("./panel-render.js") },
];
