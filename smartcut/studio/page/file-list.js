/** Files below the studio's folders, to choose one or several of them. */
import { make } from "./elements.js";

/** @typedef {{path: string, kind: "film" | "sound" | "cut" | "pipeline"}} FileRow */
/** @typedef {{folders: string[], files: FileRow[], more: boolean}} Files */

/** Lists with more rows than this can be filtered. */
const MANY = 10;

/**
 * A path as it is seen from the folders, such as "rushes/one.mp4".
 * @param {string} path
 * @param {string[]} folders
 */
export function shortened(path, folders) {
  const inside = folders.filter((folder) => path.startsWith(`${folder}/`));
  const longest = inside.sort((a, b) => b.length - a.length)[0];
  return longest ? path.slice(longest.length + 1) : path;
}

/**
 * A folder likewise; one of the folders themselves by its own name.
 * @param {string} path
 * @param {string[]} folders
 */
const folderName = (path, folders) =>
  folders.includes(path) ? path.slice(path.lastIndexOf("/") + 1) : shortened(path, folders);

/**
 * The folders that hold such files, each once, with how many lie below it; the ones above first.
 * @param {FileRow[]} files
 * @param {string[]} folders
 * @returns {{path: string, count: number}[]}
 */
export function foldersOf(files, folders) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { path } of files) {
    const root = folders.find((folder) => path.startsWith(`${folder}/`));
    for (let at = parent(path); root && at.length >= root.length; at = parent(at))
      counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return [...counts].map(([path, count]) => ({ path, count })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @param {string} path */
const parent = (path) => path.slice(0, path.lastIndexOf("/"));

/**
 * One of the files.
 * @param {string} name
 * @param {Files} files
 * @param {FileRow["kind"][]} kinds
 */
export function oneFile(name, { files, folders }, kinds) {
  const rows = files.filter(({ kind }) => kinds.includes(kind));
  return make(
    "select",
    { "aria-label": name, "data-focus": name },
    make("option", { value: "" }, rows.length ? "choose a file" : "no film lies in the studio's folders"),
    ...rows.map(({ path }) => make("option", { value: path }, shortened(path, folders))),
  );
}

/**
 * Several of the files and folders, as boxes to tick.
 * @param {string} name
 * @param {Files} files
 * @param {FileRow["kind"][]} kinds
 * @param {{withFolders?: boolean}} [how]
 */
export function severalFiles(name, { files, folders }, kinds, { withFolders = false } = {}) {
  const own = files.filter(({ kind }) => kinds.includes(kind));
  const above = withFolders ? foldersOf(own, folders) : [];
  const rows = [
    ...above.map(({ path, count }) => box(path, `${folderName(path, folders)}/`, `all ${count}`)),
    ...own.map(({ path, kind }) => box(path, shortened(path, folders), kind === "film" ? "" : kind)),
  ];
  const list = make("div.file-rows", {}, ...rows);
  const search = make("input", { type: "search", placeholder: "Filter", "aria-label": `Filter ${name}` });
  search.addEventListener("input", () => {
    const asked = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !(row.textContent ?? "").toLowerCase().includes(asked);
  });
  return make(
    "fieldset.files",
    { "data-name": name },
    make("legend.field-name", {}, name),
    rows.length > MANY ? search : null,
    rows.length ? list : make("p.hint", {}, "Nothing of that kind lies in the studio's folders."),
  );
}

/**
 * @param {string} path
 * @param {string} text
 * @param {string} hint
 */
const box = (path, text, hint) =>
  make(
    "label.check",
    {},
    make("input", { type: "checkbox", value: path }),
    make("span", {}, text),
    make("span.hint", {}, hint),
  );

/**
 * What is ticked.
 * @param {HTMLElement} list
 * @returns {string[]}
 */
export const ticked = (list) =>
  [.../** @type {NodeListOf<HTMLInputElement>} */ (list.querySelectorAll("input:checked"))].map(
    ({ value }) => value,
  );
