/** A finished film beside its originals, at any of its frames, and its parts; it can be taken over as the cut. */
import { api } from "./api.js";
import { counted, make } from "./elements.js";
import { clock } from "./numbers.js";
import { store } from "./store.js";

/**
 * @typedef {object} FilmPart
 * @property {string} kind "source", or what is known of a part that no original shows
 * @property {string} name
 * @property {[number, number]} frames
 * @property {number} from seconds of the film
 * @property {number} to
 * @property {string[]} told what was done to it
 * @property {string} [source]
 * @property {number} [source_from] seconds of the original
 * @property {number} [speed]
 * @property {[number, number, number, number]} [window] left, top, right, bottom
 * @property {number} [confidence] 0..1
 */
/**
 * @typedef {object} Conformed
 * @property {string} name
 * @property {number} duration
 * @property {number} frames
 * @property {number} explained 0..1
 * @property {FilmPart[]} parts
 * @property {string[]} notes
 */

const HEIGHT = 360;

/** @param {Conformed} found */
export function conformedView(found) {
  const { parts } = found;
  const unknown = parts.filter((part) => !part.source).length;
  const beside = new Beside(found);
  return make(
    "section.conformed",
    {},
    make("h2", {}, `The cut of ${found.name}`),
    make(
      "p",
      { role: "status" },
      `${counted(parts.length, "part")}, ${(100 * found.explained).toFixed(1)} % explained by originals`,
      unknown ? `, ${counted(unknown, "part")} unknown.` : ".",
    ),
    beside.element,
    takeOver(found),
    make("h2", {}, "Parts"),
    make("ol.film-parts", { "aria-label": "Parts" }, ...parts.map((part) => row(part, beside))),
    found.notes.length ? make("h2", {}, "Notes") : null,
    found.notes.length ? make("ul.notes", {}, ...found.notes.map((note) => make("li", {}, note))) : null,
  );
}

/** Film and original at one frame, with what moves that. */
class Beside {
  /** @param {Conformed} found */
  constructor(found) {
    this.found = found;
    this.film = new Picture("film", `The film ${found.name}`);
    this.original = new Picture("original", "The original");
    this.told = make("p.hint.numbers", { role: "status" });
    this.slider = make("input", {
      type: "range",
      min: "0",
      max: String(found.frames - 1),
      step: "1",
      value: "0",
      "aria-label": "Frame of the film",
      oninput: () => this.go(Number(this.slider.value)),
    });
    const strip = make(
      "div.film-strip",
      { "aria-hidden": "true" },
      ...found.parts.map((part) => this.bar(part)),
    );
    this.element = make(
      "div.beside",
      {},
      make("div.beside-pictures", {}, this.film.element, this.original.element),
      strip,
      this.slider,
      make(
        "div.tools.flat",
        {},
        make("button", { onclick: () => this.step(-1) }, "Part before"),
        make("button", { onclick: () => this.step(1) }, "Next part"),
        this.told,
      ),
    );
    this.go(0);
  }

  /** @param {FilmPart} part */
  bar(part) {
    const bar = make(part.source ? "i" : "i.unknown", { title: part.name, onclick: () => this.show(part) });
    bar.style.flexGrow = String(part.frames[1] - part.frames[0]);
    return bar;
  }

  /** @param {number} frame */
  partAt(frame) {
    return this.found.parts.findLast((part) => part.frames[0] <= frame) ?? this.found.parts[0];
  }

  /** The middle of a part. @param {FilmPart} part */
  show({ frames: [first, last] }) {
    this.go(Math.floor((first + last - 1) / 2));
  }

  /** @param {1 | -1} way */
  step(way) {
    const { parts } = this.found;
    const now = parts.indexOf(this.partAt(Number(this.slider.value)));
    this.show(parts[Math.min(parts.length - 1, Math.max(0, now + way))]);
  }

  /** @param {number} frame */
  go(frame) {
    const part = this.partAt(frame);
    const share = (frame - part.frames[0]) / (part.frames[1] - part.frames[0]);
    const passed = share * (part.to - part.from);
    const there = (part.source_from ?? 0) + (part.speed ?? 1) * passed;
    const shown = part.source ? `${part.source} at ${clock(there, 2)}` : part.name;
    this.slider.value = String(frame);
    this.told.textContent = `${clock(part.from + passed, 2)}: ${shown}`;
    this.slider.setAttribute("aria-valuetext", this.told.textContent);
    this.film.show(frame, "film");
    if (part.source) this.original.show(frame, part.source, part.window);
    else this.original.clear(`${part.name}: no original shows this`);
  }
}

/** One picture; while it loads, the newest frame that is asked for waits. */
class Picture {
  /**
   * @param {"film" | "original"} side
   * @param {string} label
   */
  constructor(side, label) {
    this.side = side;
    this.image = make("img", { alt: label });
    this.outline = make("i.film-window", { hidden: true });
    this.caption = make("figcaption.hint", {}, side);
    this.missing = make("p.hint.film-missing", { hidden: true });
    /** @type {number | null} */
    this.wanted = null;
    this.isLoading = false;
    for (const name of ["load", "error"]) this.image.addEventListener(name, () => this.loaded());
    this.element = make(
      "figure",
      {},
      make("div.film-picture", {}, this.image, this.outline, this.missing),
      this.caption,
    );
  }

  /**
   * @param {number} frame
   * @param {string} name
   * @param {[number, number, number, number]} [window] the part of the picture that the film shows
   */
  show(frame, name, window = [0, 0, 1, 1]) {
    const [left, top, right, bottom] = window;
    this.outline.hidden = window.every((edge, i) => edge === (i < 2 ? 0 : 1));
    const { style } = this.outline;
    [style.left, style.top] = [`${100 * left}%`, `${100 * top}%`];
    [style.width, style.height] = [`${100 * (right - left)}%`, `${100 * (bottom - top)}%`];
    this.caption.textContent = this.side === "film" ? "film" : `original: ${name}`;
    this.missing.hidden = true;
    this.image.hidden = false;
    this.wanted = frame;
    if (!this.isLoading) this.load();
  }

  /** @param {string} text why there is none */
  clear(text) {
    this.wanted = null;
    this.image.hidden = true;
    this.outline.hidden = true;
    this.missing.hidden = false;
    this.missing.textContent = text;
    this.caption.textContent = "no original";
  }

  load() {
    if (this.wanted === null) return;
    this.isLoading = true;
    this.shown = this.wanted;
    this.image.src = api.filmFrameUrl(this.side, this.wanted, HEIGHT);
  }

  loaded() {
    this.isLoading = false;
    if (this.wanted !== null && this.wanted !== this.shown) this.load();
  }
}

/**
 * @param {FilmPart} part
 * @param {Beside} beside
 */
function row(part, beside) {
  const told = [...part.told];
  if (part.source && part.source_from !== undefined) told.unshift(`from ${clock(part.source_from, 2)}`);
  return make(
    part.source ? "li" : "li.unknown",
    {},
    make(
      "button.row",
      { onclick: () => beside.show(part), title: "Show it" },
      make("span.numbers", {}, `${clock(part.from, 2)} – ${clock(part.to, 2)}`),
      make(
        "span.row-text",
        {},
        part.source ?? `unknown: ${part.name}`,
        make("span.hint", {}, ` ${told.join(", ")}`),
      ),
      part.confidence === undefined ? null : sure(part.confidence),
    ),
  );
}

/** @param {number} confidence 0..1 */
function sure(confidence) {
  const percent = Math.round(100 * confidence);
  return make("span.hint.numbers", { title: "how alike film and original are" }, `${percent} % alike`);
}

/** @param {Conformed} found */
function takeOver({ name }) {
  const path = make("input", {
    type: "text",
    placeholder: `${name}-conformed.yaml`,
    spellcheck: false,
    autocomplete: "off",
  });
  const told = make("div", { role: "status" });
  /** @param {(path: string | undefined) => Promise<unknown>} act */
  const act = async (act) => {
    try {
      await act(path.value.trim() || undefined);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      told.replaceChildren(make("p.error", {}, text));
    }
  };
  const write = () =>
    act(async (path) => {
      const { paths, notes } = await api.keepCut(path);
      told.replaceChildren(
        ...[`wrote ${paths.join(", ")}`, ...notes].map((text) => make("p.hint", {}, text)),
      );
    });
  const open = (/** @type {boolean} */ leaves) =>
    act(async (path) => {
      if (store.state && !store.state.is_saved && !leaves)
        return told.replaceChildren(unsaved(() => open(true)));
      await api.open((await api.keepCut(path)).path, leaves);
    });
  return make(
    "div.take-over",
    {},
    make(
      "label.field",
      {},
      make("span.field-name", {}, "File of the cut (.yaml, .otio, .fcpxml, .json ...)"),
      path,
    ),
    make(
      "div.tools.flat",
      {},
      make("button.primary", { onclick: () => open(false) }, "Open it in the timeline"),
      make("button", { onclick: write }, "Only write it"),
    ),
    told,
  );
}

/** @param {() => void} leave */
const unsaved = (leave) =>
  make(
    "section.notice",
    {},
    make("p", {}, "The film that is open has corrections that are not saved."),
    make("button", { onclick: () => store.save() }, "Save them"),
    make("button", { onclick: leave }, "Leave them, and open the cut"),
  );
