/** A text with line numbers and messages by line: `<yaml-pane>`. */
import { make } from "./elements.js";

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
      onscroll: () => this.follow(),
      oninput: () => this.number(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.gutter = make("div.gutter", { "aria-hidden": "true" });
    this.marks = make("div.line-marks", { "aria-hidden": "true" });
    this.list = make("ul.faults", { id: "yaml-faults" });
    /** @type {Fault[]} */
    this.faults = [];
    this.append(
      make("div.yaml-box", {}, this.gutter, make("div.yaml-text", {}, this.marks, this.area)),
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
    const count = this.value.split("\n").length;
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
    const { scrollTop = 0 } = this.area ?? {};
    for (const part of [this.gutter, this.marks])
      if (part) part.style.transform = `translateY(${-scrollTop}px)`;
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
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.newLine(event);
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
