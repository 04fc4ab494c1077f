/** Line icons on a grid of 24, drawn as SVG elements. */

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} path data; what begins with "!" is filled */
const paths = {
  play: "!M7 4.5v15l13-7.5z",
  pause: "!M6 4.5h4v15H6z M14 4.5h4v15h-4z",
  back: "!M18 5v14L8 12z M5 5h2v14H5z",
  forward: "!M6 5v14l10-7z M17 5h2v14h-2z",
  start: "M6 5v14 M18 6l-8 6 8 6z",
  end: "M18 5v14 M6 6l8 6-8 6z",
  undo: "M8 5 4 9l4 4 M4 9h10a5.5 5.5 0 0 1 0 11h-3",
  redo: "M16 5l4 4-4 4 M20 9H10a5.5 5.5 0 0 0 0 11h3",
  save: "M5 4h11l4 4v12H4V5a1 1 0 0 1 1-1z M8 4v5h7V4 M8 20v-6h8v6",
  film: "M4 5h16v14H4z M8 5v14 M16 5v14 M4 9.7h4 M4 14.3h4 M16 9.7h4 M16 14.3h4",
  contrast: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z !M12 3a9 9 0 0 1 0 18z",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M9.5 9.3a2.6 2.6 0 1 1 3.6 2.6c-.8.4-1.1.9-1.1 1.7 M12 16.8v.4",
  loop: "M17 3l3 3-3 3 M20 6H8a4 4 0 0 0-4 4v1 M7 21l-3-3 3-3 M4 18h12a4 4 0 0 0 4-4v-1",
  full: "M4 9V4h5 M20 9V4h-5 M4 15v5h5 M20 15v5h-5",
  captions: "M3 5h18v14H3z M10 10.2a2.2 2.2 0 1 0 0 3.6 M17 10.2a2.2 2.2 0 1 0 0 3.6",
  safe: "M3 5h18v14H3z M6.5 8h11v8h-11z",
  sound: "M4 9.5h4l5-4.5v14l-5-4.5H4z M16.5 9a4.5 4.5 0 0 1 0 6",
  mute: "M4 9.5h4l5-4.5v14l-5-4.5H4z M17 9.5l5 5 M22 9.5l-5 5",
  snap: "M6 4v8a6 6 0 0 0 12 0V4h-4v8a2 2 0 0 1-4 0V4z M6 8h4 M14 8h4",
  split: "M12 3v18 M4 7h5v10H4z M15 7h5v10h-5z",
  remove: "M5 7h14 M10 7V4h4v3 M7 7l1 13h8l1-13 M10.5 10.5v6 M13.5 10.5v6",
  larger: "M12 5v14 M5 12h14",
  smaller: "M5 12h14",
  fit: "M4 5v14 M20 5v14 M8 12h8 M8 12l2.5-2.5 M8 12l2.5 2.5 M16 12l-2.5-2.5 M16 12l-2.5 2.5",
  in: "M14 4H8v16h6",
  out: "M10 4h6v16h-6",
  title: "M5 7V5h14v2 M12 5v14 M9 19h6",
  close: "M6 6l12 12 M18 6L6 18",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
};

/**
 * An icon, hidden from screen readers: its button has the name.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [
    ["viewBox", "0 0 24 24"],
    ["fill", "none"],
    ["stroke", "currentColor"],
    ["stroke-width", "1.8"],
    ["stroke-linecap", "round"],
    ["stroke-linejoin", "round"],
    ["aria-hidden", "true"],
  ])
    svg.setAttribute(key, value);
  for (const part of (paths[name] ?? "").split(/(?=!)/)) {
    const path = document.createElementNS(SVG, "path");
    const isFilled = part.startsWith("!");
    path.setAttribute("d", isFilled ? part.slice(1) : part);
    if (isFilled) path.setAttribute("fill", "currentColor");
    svg.append(path);
  }
  return svg;
}

/**
 * A button with an icon alone, named for screen readers and in a tip.
 * @param {string} name of the icon
 * @param {string} label
 * @param {() => void} [pressed]
 */
export function iconButton(name, label, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.append(icon(name));
  if (pressed) button.addEventListener("click", pressed);
  return button;
}
