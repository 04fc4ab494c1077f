/** The corrections made by hand: each can be taken back, and what no longer applies is named. */
import { described, pointedAt } from "./edit-words.js";
import { counted, make, nothing } from "./elements.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */

export class EditsPanel extends Panel {
  static fields = ["edits", "conflicts", "is_saved", "sources", "tracks"];

  connected() {
    /** @type {Set<string>} conflicts that were looked at and stay as they are */
    this.kept = new Set();
    this.ends.push(store.on("selection", () => this.outdate()));
  }

  /** @param {State} state */
  draw(state) {
    if (!state.edits.length) return this.replaceChildren(empty());
    const names = new Map(state.sources.map((source) => [source.id, source.name]));
    const conflicts = new Map(state.conflicts.map((conflict) => [conflict.edit, conflict]));
    const open = state.conflicts.filter((conflict) => !this.kept?.has(this.key(state, conflict.edit)));
    this.replaceChildren(
      make(
        "div.tools",
        {},
        make("p.told.count", {}, counted(state.edits.length, "correction")),
        make("span.badge", {}, state.is_saved ? "saved" : "not saved"),
        make(
          "span.together",
          {},
          make(
            "button",
            { disabled: state.is_saved, onclick: () => store.save(), "data-focus": "save" },
            "Save",
          ),
          make(
            "button.quiet.danger",
            { onclick: () => store.revert(), "data-focus": "revert" },
            "Remove all",
          ),
        ),
      ),
      open.length
        ? make(
            "p.notice",
            { role: "status" },
            `${counted(open.length, "correction")} no longer ${open.length === 1 ? "fits" : "fit"} the automatic cut. Nothing is lost: decide for each below.`,
            make(
              "button",
              { "data-focus": "conflicts", onclick: () => this.showConflict() },
              "Show the first",
            ),
          )
        : "",
      make(
        "ol.edits",
        {},
        ...state.edits.map((edit, number) => {
          const conflict = conflicts.get(number);
          return this.row(state, edit, number, names, conflict);
        }),
      ),
    );
  }

  showConflict() {
    const first = this.querySelector(".edit.conflict");
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("button")?.focus();
  }

  /**
   * @param {State} state
   * @param {number} number
   */
  key(state, number) {
    return JSON.stringify(state.edits[number] ?? null);
  }

  /**
   * @param {State} state
   * @param {import("./types.js").Edit} edit
   * @param {number} number
   * @param {Map<string, string>} names
   * @param {import("./types.js").Conflict} [conflict]
   */
  row(state, edit, number, names, conflict) {
    const { title, text, why } = described(edit, names);
    const isKept = conflict !== undefined && this.kept?.has(this.key(state, number));
    return make(
      `li.edit${conflict ? (isKept ? ".waiting" : ".conflict") : ""}`,
      {},
      make(
        "div.edit-text",
        {},
        make("strong", {}, title),
        " ",
        text,
        why ? make("span.hint", {}, ` – ${why}`) : null,
      ),
      conflict ? make("p.edit-why", {}, conflict.why) : null,
      make(
        "div.edit-buttons",
        {},
        ...(conflict ? this.ways(state, edit, number, Boolean(isKept)) : []),
        make(
          "button.quiet",
          {
            onclick: () => store.amend(number, null),
            "aria-label": `Remove: ${title} ${text}`,
            "data-focus": `remove ${number}`,
          },
          "Remove",
        ),
      ),
    );
  }

  /**
   * Ways out of a conflict besides removing it.
   * @param {State} state
   * @param {import("./types.js").Edit} edit
   * @param {number} number
   * @param {boolean} isKept
   */
  ways(state, edit, number, isKept) {
    const segment = store.segment(store.selected);
    const track = state.tracks.find((one) => one.segments.some((s) => s.id === segment?.id));
    const other = segment ? pointedAt(edit, segment, track?.role) : null;
    const label = segment?.label || segment?.id || "";
    return [
      make(
        "button",
        {
          disabled: !other,
          onclick: () => other && store.amend(number, other),
          "data-focus": `point ${number}`,
          title: segment
            ? `Have it change the selected segment, ${label}`
            : "Select a segment in the timeline first",
        },
        "Use for the selected",
      ),
      isKept
        ? make("span.hint", {}, "kept for a later version")
        : make(
            "button.quiet",
            {
              title: "Leave it in the list: it applies again when what it is about comes back",
              "data-focus": `keep ${number}`,
              onclick: () => {
                this.kept?.add(this.key(state, number));
                this.outdate();
              },
            },
            "Keep",
          ),
    ];
  }
}

const empty = () =>
  nothing(
    "Nothing was corrected by hand.",
    "Strike words in the transcript, drag edges in the timeline, or put a candidate in. Corrections are kept beside the pipeline and stay when it runs again.",
  );

customElements.define("panel-edits", EditsPanel);
