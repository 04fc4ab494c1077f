/** Finished films: the cut that one was made by, found in its originals; the style that several share, learned. */
import { api } from "./api.js";
import { conformedView } from "./conformed-view.js";
import { make, nothing, styled } from "./elements.js";
import { oneFile, severalFiles, ticked } from "./file-list.js";
import { learnedView } from "./learned-view.js";
import { Panel } from "./panel.js";
import { store } from "./store.js";
import { StudyProgress } from "./study-progress.js";

/** @typedef {import("./file-list.js").Files} Files */
/** @typedef {import("./study-progress.js").Study} Study */
/** @typedef {{files: Files, conform: Study, learn: Study}} Loaded */

await styled("films.css");

const VIEWS = ["Conform", "Learn"];

export class FilmsPanel extends Panel {
  static fields = ["name"];

  build() {
    this.views = VIEWS.map((text, i) =>
      make("button.quiet", { "aria-pressed": String(i === 0), onclick: () => this.look(i) }, text),
    );
    this.wideButton = make("button.quiet", { "aria-pressed": "false", onclick: () => this.widen() }, "Wide");
    this.following = {
      conform: new StudyProgress("conform", "Progress of finding the cut", () => this.result("conform")),
      learn: new StudyProgress("learn", "Progress of learning the style", () => this.result("learn")),
    };
    this.sides = { conform: make("div.film-side"), learn: make("div.film-side", { hidden: true }) };
    this.append(
      make(
        "div.tools",
        {},
        make("div.segmented", { role: "group", "aria-label": "View" }, ...this.views),
        make("span.together", {}, this.wideButton),
      ),
      make("div.panel-body", {}, this.sides.conform, this.sides.learn),
    );
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.classList.contains("wide")) return;
      event.stopPropagation();
      this.widen();
    });
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  connected() {
    this.ends.push(
      store.on("progress", (event) => {
        this.following?.conform.follow(event);
        this.following?.learn.follow(event);
      }),
    );
  }

  async load() {
    const [files, conform, learn] = await Promise.all([api.files(), api.conformed(), api.learned()]);
    return { files, conform, learn };
  }

  /**
   * @param {import("./types.js").State} _state
   * @param {Loaded} loaded
   */
  draw(_state, { files, conform, learn }) {
    const { sides, following } = this;
    if (!sides || !following) return;
    this.showTools(true);
    if (!sides.conform.isConnected) this.body.replaceChildren(sides.conform, sides.learn);
    this.outcomes = { conform: make("div.film-outcome"), learn: make("div.film-outcome") };
    const { element: conforming } = following.conform;
    const { element: learning } = following.learn;
    sides.conform.replaceChildren(this.conformForm(files), conforming, this.outcomes.conform);
    sides.learn.replaceChildren(this.learnForm(files), learning, this.outcomes.learn);
    following.conform.show(conform);
    following.learn.show(learn);
    this.show("conform", conform.found);
    this.show("learn", learn.found);
  }

  /** @param {Files} files */
  conformForm(files) {
    const film = oneFile("Finished film", files, ["film"]);
    const originals = severalFiles("Originals", files, ["film"], { withFolders: true });
    const unknown = make(
      "select",
      { "aria-label": "Where no original shows" },
      make("option", { value: "film" }, "the film itself"),
      make("option", { value: "gap" }, "a gap"),
    );
    return this.form(
      "Which frame of which original does a finished film show?",
      [field("Finished film", film), originals, field("Where no original shows, the cut has", unknown)],
      "Find its cut",
      () => (film.value && ticked(originals).length ? "" : "Choose the film, and tick its originals."),
      () => this.begin("conform", () => api.conform(film.value, ticked(originals), unknown.value)),
    );
  }

  /** @param {Files} files */
  learnForm(files) {
    const films = severalFiles("Films that were cut alike", files, ["film", "cut", "pipeline"]);
    const originals = severalFiles("Originals of films without a manifest", files, ["film", "sound"], {
      withFolders: true,
    });
    return this.form(
      "How were these films cut? At least two, better three or more.",
      [films, originals],
      "Learn the style",
      () => (ticked(films).length ? "" : "Tick the films to learn from."),
      () => this.begin("learn", () => api.learn(ticked(films), ticked(originals))),
    );
  }

  /**
   * @param {string} question
   * @param {HTMLElement[]} fields
   * @param {string} action
   * @param {() => string} missing what is not filled in yet
   * @param {() => void} done
   */
  form(question, fields, action, missing, done) {
    const told = make("p.hint", { role: "status" });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      told.textContent = missing();
      if (!told.textContent) done();
    };
    const button = make("button.primary", { type: "submit" }, action);
    return make("form.film-form", { onsubmit: submit }, make("p", {}, question), ...fields, button, told);
  }

  /**
   * @param {"conform" | "learn"} work
   * @param {() => Promise<any>} ask
   */
  async begin(work, ask) {
    this.outcomes?.[work].replaceChildren();
    try {
      this.following?.[work].show(await ask());
    } catch (error) {
      this.following?.[work].fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {"conform" | "learn"} work */
  async result(work) {
    try {
      this.show(work, (await (work === "conform" ? api.conformed() : api.learned())).found);
    } catch (error) {
      store.fail(error);
    }
  }

  /**
   * @param {"conform" | "learn"} work
   * @param {any} found
   */
  show(work, found) {
    const place = this.outcomes?.[work];
    if (!place) return;
    const view = work === "conform" ? conformedView : learnedView;
    const empty =
      work === "conform"
        ? nothing("No film was looked at yet.", "Its parts will stand here, each beside its original.")
        : nothing("No style was learned yet.", "Its settings will stand here, with their intervals.");
    place.replaceChildren(found ? view(found) : empty);
  }

  /** @param {number} number */
  look(number) {
    for (const [i, button] of (this.views ?? []).entries())
      button.setAttribute("aria-pressed", String(i === number));
    if (!this.sides) return;
    this.sides.conform.hidden = number !== 0;
    this.sides.learn.hidden = number !== 1;
  }

  widen() {
    const isWide = this.classList.toggle("wide");
    this.wideButton?.setAttribute("aria-pressed", String(isWide));
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} control
 */
const field = (name, control) => make("label.field", {}, make("span.field-name", {}, name), control);

customElements.define("panel-films", FilmsPanel);
