/** The panels beside the picture: which there are, on which side, and where each is loaded from. */

/**
 * @typedef {object} Panel
 * @property {string} tag of its custom element
 * @property {string} title
 * @property {"left"|"right"} side
 * @property {() => Promise<unknown>} load defines the element; called when it is first shown
 */

/** @type {Panel[]} */
export const panels = [];
