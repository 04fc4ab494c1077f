/** Two versions of the cut: what differs in words, the segments side by side, and what is said. */
import { api } from "./api.js";
import { difference, pairs } from "./differences.js";
import { make, nothing } from "./elements.js";
import { thumbnail } from "./filmstrips.js";
import { clock, duration, numberOf } from "./numbers.js";
import { Panel } from "./panel.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./differences.js").Pair} Pair */

/** @type {Record<Pair["kind"], string>} */
const kinds = {
  same: "the same",
  changed: "other edges",
  moved: "moved",
  replaced: "replaced",
  gone: "taken out",
  new: "put in",
};

export class ComparePanel extends Panel {
  static fields = ["version", "base"];

  build() {
    this.a = this.choice("Before");
    this.b = this.choice("After");
    this.onlyChanges = make("input", { type: "checkbox", checked: true, onchange: () => this.outdate() });
    this.append(
      make(
        "div.tools.versions",
        {},
        make("label", {}, make("span.hint", {}, "Before"), this.a),
        make("label", {}, make("span.hint", {}, "After"), this.b),
      ),
      make("div.tools", {}, make("label.check", {}, this.onlyChanges, "only what differs")),
      make("div.panel-body"),
    );
  }

  /**
   * Where a version is chosen; until then it is the usual one.
   * @param {string} name
   */
  choice(name) {
    const select = make("select", { "data-focus": name, "aria-label": name });
    select.addEventListener("change", () => {
      select.dataset.chosen = "yes";
      this.outdate();
    });
    return select;
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  /** @param {State & {versions?: {version: number, name: string}[]}} state */
  async load(state) {
    this.offer(state);
    const [a, b] = [this.a?.value ?? "", this.b?.value ?? ""];
    return a === b ? null : api.compare(a, b);
  }

  /** @param {State & {versions?: {version: number, name: string}[]}} state */
  offer(state) {
    const known = state.versions ?? [
      { version: state.base, name: "automatic cut" },
      { version: state.version, name: "now" },
    ];
    for (const [select, standard] of /** @type {[HTMLSelectElement, number][]} */ ([
      [this.a, state.base],
      [this.b, state.version],
    ])) {
      const before = select.dataset.chosen ? select.value : "";
      select.replaceChildren(
        ...[...known]
          .reverse()
          .map(({ version, name }) => make("option", { value: String(version) }, `${version} · ${name}`)),
      );
      const isThere = known.some(({ version }) => String(version) === before);
      select.value = isThere ? before : String(standard);
    }
  }

  /**
   * @param {State} state
   * @param {any} found
   */
  draw(state, found) {
    const names = new Map(state.sources.map((source) => [source.id, source.name]));
    this.showTools(true);
    if (!found)
      return this.body.replaceChildren(
        nothing(
          "Both are the same version.",
          "Correct something, or choose another version above, to see what differs.",
        ),
      );
    this.body.replaceChildren(
      inWords(found),
      pictures(found, names, this.onlyChanges?.checked ?? true),
      texts(found),
    );
  }
}

/** @param {any} found */
function inWords({ a, b, differences = [] }) {
  const isSame = pairs(programme(a), programme(b)).every((pair) => pair.kind === "same");
  if (!differences.length && !isSame) return make("span", { hidden: true });
  return make(
    "section",
    {},
    make("h2", {}, "In words"),
    differences.length
      ? make("ul.differences", {}, ...differences.map((/** @type {any} */ one) => make("li", {}, one.text)))
      : make("p.hint", {}, "Both show the same."),
  );
}

/**
 * @param {any} found
 * @param {Map<string, string>} names
 * @param {boolean} isShort
 */
function pictures({ a, b }, names, isShort) {
  const all = pairs(programme(a), programme(b));
  const shown = isShort ? all.filter((pair) => pair.kind !== "same") : all;
  if (!shown.length) return make("span", { hidden: true });
  return make(
    "section",
    {},
    make("h2", {}, "Side by side"),
    make(
      "ul.pairs",
      {},
      ...shown.map((pair) =>
        make(
          `li.pair.${pair.kind}`,
          {},
          make("span.badge", {}, kinds[pair.kind]),
          side(pair.before, names, "before"),
          side(pair.after, names, "after"),
        ),
      ),
    ),
  );
}

/** @param {any} version @returns {import("./differences.js").Shown[]} */
const programme = (version) =>
  (version?.tracks ?? []).find((/** @type {any} */ track) => track.role === "programme")?.segments ??
  version?.segments ??
  [];

/**
 * @param {import("./differences.js").Shown | null} shown
 * @param {Map<string, string>} names
 * @param {string} when
 */
function side(shown, names, when) {
  if (!shown) return make("div.side.absent", {}, make("span.hint", {}, "not shown"));
  const [start, end] = [numberOf(shown.start), numberOf(shown.end)];
  return make(
    "div.side",
    { role: "group", "aria-label": when },
    make("div.thumbs", {}, thumbnail(shown.source, start + 0.02), thumbnail(shown.source, end - 0.02)),
    make("span.numbers", {}, `${clock(start, 2)} – ${clock(end, 2)}`),
    make(
      "span.hint.numbers",
      {},
      `${duration(end - start)} of ${names.get(shown.source) ?? shown.source}, at ${clock(shown.at, 1)}`,
    ),
  );
}

/** @param {any} found */
function texts({ a, b }) {
  const [before, after] = [a?.words ?? [], b?.words ?? []];
  if (!before.length && !after.length) return make("span", { hidden: true });
  const key = (/** @type {any} */ word) =>
    `${word.source} ${Math.round(numberOf(word.from) * 100)} ${word.text}`;
  const parts = difference(before, after, key);
  const tag = (/** @type {string} */ kind) => (kind === "gone" ? "del" : kind === "new" ? "ins" : "span");
  return make(
    "section",
    {},
    make("h2", {}, "What is said"),
    make(
      "p.text-difference",
      {},
      ...parts.flatMap(({ kind, items }) => {
        const words = items.map((/** @type {any} */ word) => word.text);
        const text =
          kind === "same" && words.length > 16
            ? `${words.slice(0, 7).join(" ")} … ${words.slice(-7).join(" ")}`
            : words.join(" ");
        return [make(/** @type {"span"} */ (tag(kind)), {}, text), " "];
      }),
    ),
  );
}

customElements.define("panel-compare", ComparePanel);
