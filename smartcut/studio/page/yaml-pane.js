/** A text with line numbers, colours, completion, and messages by line: `<yaml-pane>`. */
import "./yaml-list.js";
import { make } from "./elements.js";
import { coloured } from "./yaml-colours.js";
import { completions } from "./yaml-completing.js";

/** @typedef {{line: number | null, message: string}} Fault */

/** Tells "input" while the text is changed. */
export class YamlPane extends HTMLElement {
  connectedCallback() {
    if (this.area) return;
    this.area = make("textarea", {
      spellcheck: false,
      wrap: "off",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-label": "The pipeline as YAML",
      "aria-describedby": "yaml-faults",
      "aria-autocomplete": "list",
      onscroll: () => this.follow(),
      oninput: () => {
        this.number();
        this.complete();
      },
      onblur: () => this.offer(null),
      onclick: () => this.offer(null),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.gutter = make("div.gutter", { "aria-hidden": "true" });
    this.marks = make("div.line-marks", { "aria-hidden": "true" });
    this.paint = make("div.yaml-paint", { "aria-hidden": "true" });
    this.offers = /** @type {import("./yaml-list.js").YamlList} */ (document.createElement("yaml-list"));
    this.offers.addEventListener("chosen", () => this.take());
    /** @type {import("./schema.js").Schema | null} what completion goes by */
    this.schema = null;
    /** @type {string[]} the lines that are painted */
    this.painted = [];
    this.list = make("ul.faults", { id: "yaml-faults" });
    /** @type {Fault[]} */
    this.faults = [];
    this.append(
      make(
        "div.yaml-box",
        {},
        this.gutter,
        make("div.yaml-text", {}, this.marks, this.paint, this.area, this.offers),
      ),
      make("div", { role: "status" }, this.list),
    );
  }

  get value() {
    return this.area?.value ?? "";
  }

  /** @param {string} text */
  set value(text) {
    if (!this.area || text === this.area.value) return;
    const { selectionStart, selectionEnd, scrollTop } = this.area;
    this.area.value = text;
    this.area.setSelectionRange(selectionStart, selectionEnd);
    this.area.scrollTop = scrollTop;
    this.number();
  }

  number() {
    const lines = this.value.split("\n");
    const count = lines.length;
    this.colour(lines);
    const gutter = /** @type {HTMLElement} */ (this.gutter);
    if (gutter.childElementCount !== count) {
      gutter.replaceChildren(...Array.from({ length: count }, (_, i) => make("span", {}, i + 1)));
    }
    this.mark();
    this.follow();
  }

  /** @param {Fault[]} faults */
  show(faults) {
    this.faults = faults;
    this.list?.replaceChildren(
      ...faults.map(({ line, message }) =>
        make(
          "li",
          {},
          make(
            "button.fault-line",
            { onclick: () => this.go(line ?? 1) },
            line === null || line === undefined ? null : make("span.numbers", {}, `Line ${line}`),
            make("span", {}, message),
          ),
        ),
      ),
    );
    this.area?.setAttribute("aria-invalid", String(faults.length > 0));
    this.mark();
  }

  mark() {
    const lines = new Set((this.faults ?? []).map((fault) => fault.line));
    [...(this.gutter?.children ?? [])].forEach((number, i) => {
      number.classList.toggle("faulty", lines.has(i + 1));
    });
    this.marks?.replaceChildren(
      ...[...lines]
        .filter((line) => line)
        .map((line) => {
          const mark = make("i");
          mark.style.setProperty("--line-number", String(Number(line) - 1));
          return mark;
        }),
    );
  }

  follow() {
    const { scrollTop = 0, scrollLeft = 0 } = this.area ?? {};
    for (const part of [this.gutter, this.marks])
      if (part) part.style.transform = `translateY(${-scrollTop}px)`;
    for (const part of [this.paint, this.offers])
      if (part) part.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
  }

  /** Paints the lines that are others than before. @param {string[]} lines */
  colour(lines) {
    const paint = /** @type {HTMLElement} */ (this.paint);
    for (const [i, line] of lines.entries()) {
      const old = paint.children[i];
      if (!old) paint.append(coloured(line));
      else if (line !== this.painted?.[i]) old.replaceWith(coloured(line));
    }
    while (paint.childElementCount > lines.length) paint.lastElementChild?.remove();
    this.painted = lines;
  }

  // ------------------------------------------------------------------------------ completion

  /** Offers what could be written; only at a word that was begun, unless asked for. */
  complete(isAsked = false) {
    const { area, schema } = this;
    if (!area || !schema || area.selectionStart !== area.selectionEnd) return this.offer(null);
    const found = completions(area.value, area.selectionStart, schema);
    this.offer(found && (isAsked || found.from < area.selectionStart) ? found : null);
  }

  /** @param {import("./yaml-completing.js").Completions | null} found */
  offer(found) {
    const before = this.value.slice(0, found?.from ?? 0).split("\n");
    this.offers?.show(found, before.length - 1, before.at(-1)?.length ?? 0);
    if (!found) this.area?.removeAttribute("aria-activedescendant");
    else this.area?.setAttribute("aria-activedescendant", "completion-0");
  }

  /** Writes what is chosen in the list. */
  take() {
    const { area, offers } = this;
    const item = offers?.item;
    if (!area || !item || !offers?.found) return;
    area.setRangeText(item.text, offers.found.from, area.selectionStart, "end");
    this.offer(null);
    this.number();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    this.offer(null);
  }

  /** Whether a key was for the list. @param {KeyboardEvent} event */
  isForList(event) {
    const { offers } = this;
    if (!offers || offers.hidden) {
      const isAsked = event.key === " " && event.ctrlKey;
      if (isAsked) this.complete(true);
      return isAsked;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      offers.move(step);
      this.area?.setAttribute("aria-activedescendant", `completion-${offers.chosen}`);
    } else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey && !event.shiftKey)
      this.take();
    else if (event.key === "Escape") this.offer(null);
    else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      this.offer(null);
      return false;
    } else return false;
    return true;
  }

  /**
   * Puts the cursor on a line and shows it.
   * @param {number} line from 1
   */
  go(line) {
    const { area } = this;
    if (!area) return;
    const lines = area.value.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight));
  }

  /** Tab indents where the cursor stands in a line's indent; Escape then Tab leaves. @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    if (this.isForList(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey)
      this.newLine(event);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
      this.dispatchEvent(new Event("apply"));
  }

  /** A new line begins as deep as the one before. @param {KeyboardEvent} event */
  newLine(event) {
    const { area } = this;
    if (!area) return;
    const before = area.value.slice(0, area.selectionStart).split("\n").at(-1) ?? "";
    const indent = /^\s*/.exec(before)?.[0] ?? "";
    const deeper = /:\s*$/.test(before) ? (/^\s*- /.test(before) ? "    " : "  ") : "";
    if (!indent && !deeper) return;
    event.preventDefault();
    area.setRangeText(`\n${indent}${deeper}`, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("yaml-pane", YamlPane);
