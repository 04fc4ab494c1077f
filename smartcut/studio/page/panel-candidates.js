/** The moments that were not chosen, the best first: drag one into the film, or press Enter. */
import { api } from "./api.js";
import { counted, make, nothing } from "./elements.js";
import { momentCard } from "./moment-card.js";
import { filtered, labelOf, sorted } from "./moments.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./moment-card.js").Moment} Moment */

/** Cards that are shown at once; more come with a button. */
const PAGE = 60;

export class CandidatesPanel extends Panel {
  static fields = ["version", "base"];

  build() {
    /** @type {Moment[]} */
    this.moments = [];
    this.most = PAGE;
    this.search = make("input", {
      type: "search",
      placeholder: "Words, speaker, file",
      "aria-label": "Filter moments",
      oninput: () => this.show(true),
    });
    this.order = make(
      "select.quiet",
      { "aria-label": "Order", onchange: () => this.show(true) },
      ...[
        ["score", "Best first"],
        ["time", "In time"],
        ["length", "Longest first"],
      ].map(([value, text]) => make("option", { value }, text)),
    );
    this.chosen = make("input", { type: "checkbox", onchange: () => this.show(true) });
    this.count = make("p.hint", { role: "status" });
    this.list = make("ul.moments", {
      "aria-label": "Moments",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.append(
      make("div.tools", {}, this.search, this.order),
      make("div.tools", {}, this.count, make("label.check", {}, this.chosen, "chosen ones too")),
      make("div.panel-body", {}, this.list),
    );
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  load() {
    return api.candidates();
  }

  /**
   * @param {State} state
   * @param {Moment[]} moments
   */
  draw(state, moments) {
    this.moments = moments;
    this.names = new Map(state.sources.map((source) => [source.id, source.name]));
    this.showTools(Boolean(moments.length));
    if (!moments.length) return this.body.replaceChildren(empty());
    if (!this.list?.isConnected) this.body.replaceChildren(/** @type {HTMLElement} */ (this.list));
    this.show(false);
  }

  /** @param {boolean} isAnew whether it begins at the top again */
  show(isAnew) {
    const { list, names = new Map() } = this;
    if (!list) return;
    if (isAnew) this.most = PAGE;
    const all = sorted(
      filtered(this.moments ?? [], this.search?.value ?? "", names, this.chosen?.checked ?? false),
      this.order?.value ?? "score",
    );
    const shown = all.slice(0, this.most);
    list.replaceChildren(
      ...shown.map((moment) =>
        momentCard(moment, {
          names,
          action: moment.chosen ? "Add again" : "Add",
          does: (one) => this.add(one),
          hint: moment.chosen ? "in the film" : "",
        }),
      ),
    );
    if (all.length > shown.length) {
      list.append(
        make(
          "li.more",
          {},
          make(
            "button",
            { onclick: () => this.showMore() },
            `Show ${Math.min(PAGE, all.length - shown.length)} more`,
          ),
        ),
      );
    }
    if (list.firstElementChild instanceof HTMLElement && shown.length) list.firstElementChild.tabIndex = 0;
    const text = all.length
      ? `${counted(all.length, "moment")}. Drag one to the timeline, or press Enter.`
      : "No moment fits. Try fewer words.";
    /** @type {HTMLElement} */ (this.count).textContent = text;
  }

  showMore() {
    this.most = (this.most ?? PAGE) + PAGE;
    this.show(false);
  }

  /** @param {Moment} moment */
  add(moment) {
    const { source, start, end } = moment;
    return store.edit([{ keep: { source, start, end, ...labelOf(moment) } }]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const item = event.target instanceof HTMLElement ? event.target.closest("li.moment") : null;
    if (!(item instanceof HTMLElement) || event.target !== item) return;
    const all = /** @type {HTMLElement[]} */ ([...(this.list?.querySelectorAll("li.moment") ?? [])]);
    const now = all.indexOf(item);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter")
      return /** @type {HTMLElement | null} */ (item.querySelector("button"))?.click();
    const next = all[Math.min(all.length - 1, Math.max(0, to ?? now))];
    item.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

const empty = () =>
  nothing(
    "No moments to choose from.",
    "A stage that chooses, such as `highlights` or `shorts`, leaves what it did not take here.",
    make("button", { onclick: () => store.emit("panel", "panel-pipeline") }, "Open the pipeline"),
  );

customElements.define("panel-candidates", CandidatesPanel);
