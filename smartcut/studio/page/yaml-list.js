/** The list of what could be written, below the cursor of a text: `<yaml-list>`. */
import { make } from "./elements.js";

/** @typedef {import("./yaml-completing.js").Completions} Completions */

export class YamlList extends HTMLElement {
  /** @type {Completions | null} */
  found = null;
  chosen = 0;

  connectedCallback() {
    this.id = "yaml-list";
    this.hidden = true;
    this.setAttribute("role", "listbox");
    this.setAttribute("aria-label", "What could be written here");
  }

  /**
   * @param {Completions | null} found
   * @param {number} line from 0
   * @param {number} column where the word begins
   */
  show(found, line, column) {
    this.found = found;
    this.chosen = 0;
    this.hidden = !found;
    this.style.setProperty("--line-number", String(line));
    this.style.setProperty("--column", String(column));
    this.replaceChildren(
      ...(found?.items ?? []).map(({ text, about }, i) =>
        make(
          "div.completion",
          {
            id: `completion-${i}`,
            role: "option",
            "aria-selected": String(i === 0),
            onpointerdown: (/** @type {Event} */ event) => {
              event.preventDefault(); // the text keeps the focus
              this.chosen = i;
              this.dispatchEvent(new Event("chosen"));
            },
          },
          make("span", {}, text),
          make("span.hint", {}, about.split("\n")[0].replaceAll("`", "")),
        ),
      ),
    );
  }

  /** @param {number} step */
  move(step) {
    const count = this.found?.items.length ?? 1;
    this.chosen = (this.chosen + step + count) % count;
    for (const [i, one] of [...this.children].entries())
      one.setAttribute("aria-selected", String(i === this.chosen));
    this.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  /** What is chosen. */
  get item() {
    return this.found?.items[this.chosen] ?? null;
  }
}

customElements.define("yaml-list", YamlList);
