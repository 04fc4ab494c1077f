/** The list of keys, as a dialog. */

import { iconButton } from "./icons.js";
import { keys } from "./keys.js";

const NAMES = /** @type {Record<string, string>} */ ({
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "Page ↑",
  PageDown: "Page ↓",
  Escape: "Esc",
});

export class Help extends HTMLElement {
  toggle() {
    const dialog = this.dialog ?? this.made();
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  made() {
    const dialog = document.createElement("dialog");
    this.dialog = dialog;
    dialog.className = "help";
    dialog.setAttribute("aria-labelledby", "help-title");
    const title = document.createElement("h2");
    title.id = "help-title";
    title.textContent = "Keys";
    const head = document.createElement("header");
    head.append(
      title,
      iconButton("close", "Close", () => dialog.close()),
    );
    const groups = document.createElement("div");
    groups.className = "groups";
    for (const name of new Set(keys.map((key) => key.group))) groups.append(section(name));
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent =
      "Tab reaches everything. On the timeline, Tab goes on to the edges of the selected segment: arrow keys trim by a " +
      "frame, with Shift to the next word, shot, beat or key frame. In the picture, arrow keys move what has the focus." +
      " In the transcript, arrow keys go from word to word and with Shift select; Delete strikes the words, or brings " +
      "them back; Enter goes there. Among moments, Enter puts one into the film.";
    dialog.append(head, groups, hint);
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    this.append(dialog);
    return dialog;
  }
}

/** @param {string} group */
function section(group) {
  const element = document.createElement("section");
  const title = document.createElement("h3");
  title.textContent = group;
  const list = document.createElement("dl");
  for (const key of keys.filter((one) => one.group === group)) {
    const term = document.createElement("dt");
    const what = document.createElement("dd");
    for (const combination of key.keys) term.append(pressed(combination), " ");
    what.textContent = key.label;
    list.append(term, what);
  }
  element.append(title, list);
  return element;
}

/** @param {string} combination */
function pressed(combination) {
  const whole = document.createElement("span");
  const parts = combination === "+" ? ["+"] : combination.split("+");
  for (const part of parts) {
    const key = document.createElement("kbd");
    key.textContent = NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    whole.append(key);
  }
  return whole;
}

customElements.define("studio-help", Help);
