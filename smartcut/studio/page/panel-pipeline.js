/** The pipeline: its stages as forms, its YAML beside them; a change of one is a change of the other. */
import "./yaml-pane.js";
import { api } from "./api.js";
import { counted, keepingFocus, make, nothing } from "./elements.js";
import { Panel } from "./panel.js";
import { addStage, parameters, stageCard } from "./stage-cards.js";
import { schemaOnce } from "./stage-schema.js";
import { store } from "./store.js";
import { isListed, withoutStage, withParams, withStage, withStageAt, withTop } from "./yaml-stages.js";

/** @typedef {import("./yaml-stages.js").StagePlace} StagePlace */
/** @typedef {import("./yaml-pane.js").Fault} Fault */
/** @typedef {{name: string, line: number, stages: StagePlace[]}} Part */
/** @typedef {{text: string, data: any, stages: StagePlace[], parts?: Part[]}} Pipeline */

/** After so long without a key the text is checked, in milliseconds. */
const REST = 350;
/** Stages that write files stand last. */
const WRITERS = ["render", "export"];

export class PipelinePanel extends Panel {
  static fields = ["base", "name"];

  build() {
    /** @type {Pipeline | null} as the server has it */
    this.applied = null;
    /** @type {Pipeline | null} the newest text that can be read */
    this.known = null;
    /** @type {Fault[]} */
    this.faults = [];
    /** @type {Map<string, string>} cards that are open, by part and number: the stage's name */
    this.opened = new Map();
    this.checks = 0;
    /** @type {Promise<void>} changes in forms, one after the other */
    this.changes = Promise.resolve();
    this.pane = /** @type {import("./yaml-pane.js").YamlPane} */ (document.createElement("yaml-pane"));
    this.applyButton = make("button.primary", { onclick: () => this.apply() }, "Apply");
    this.discardButton = make("button.quiet", { onclick: () => this.discard() }, "Discard");
    this.told = make("p.hint.told", { role: "status" });
    this.forms = make("div.forms");
    this.views = ["Forms", "YAML"].map((text, i) =>
      make("button.quiet", { "aria-pressed": String(i === 0), onclick: () => this.look(i) }, text),
    );
    this.wideButton = make("button.quiet", { "aria-pressed": "false", onclick: () => this.widen() }, "Wide");
    this.append(
      make(
        "div.tools",
        {},
        make("div.segmented", { role: "group", "aria-label": "View" }, ...this.views),
        this.wideButton,
        make("span.together", {}, this.discardButton, this.applyButton),
      ),
      make("div.tools", {}, this.told),
      make("div.panel-body.both", { "data-view": "0" }, this.forms, this.pane),
    );
    this.addEventListener("input", (event) => event.target === this.pane?.area && this.typed());
    this.pane.addEventListener("apply", () => this.apply());
    this.addEventListener(
      "keydown",
      (event) => event.key === "Escape" && this.classList.contains("wide") && this.widen(),
    );
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector(".panel-body"));
  }

  async load() {
    const [pipeline, schema] = await Promise.all([api.pipeline(), schemaOnce()]);
    return { pipeline, schema };
  }

  /**
   * @param {import("./types.js").State} _state
   * @param {{pipeline: Pipeline, schema: any}} loaded
   */
  draw(_state, { pipeline, schema }) {
    this.schema = schema;
    if (this.pane) this.pane.schema = schema;
    const isEdited = this.applied && this.pane?.value !== this.applied.text;
    this.applied = pipeline;
    this.showTools(Boolean(pipeline.text));
    if (!pipeline.text) return this.body.replaceChildren(madeInPython());
    if (!this.forms?.isConnected)
      this.body.replaceChildren(/** @type {Node} */ (this.forms), /** @type {Node} */ (this.pane));
    if (isEdited) return this.check();
    this.known = pipeline;
    if (this.pane) this.pane.value = pipeline.text;
    this.tell([]);
    this.drawForms();
  }

  // ------------------------------------------------------------------------------ the forms

  drawForms() {
    const { known, schema } = this;
    if (!known || !schema || !this.forms) return;
    const { scrollTop } = this.forms;
    keepingFocus(this.forms, () =>
      this.forms?.replaceChildren(
        parameters(known.data?.params, (after) =>
          this.change((now) => withTop(now.text, "params", now.data.params, after)),
        ),
        ...(known.parts ?? []).map((part) => this.partForms(known, schema, part)),
        known.parts?.length ? make("h2", {}, "Of the whole") : "",
        this.list(known, schema, "", known.stages),
        addStage(schema, (stage) => this.add(stage)),
      ),
    );
    this.forms.scrollTop = scrollTop;
  }

  /**
   * @param {Pipeline} known
   * @param {any} schema
   * @param {Part} part
   */
  partForms(known, schema, { name, line, stages }) {
    const isOpenToForms = isListed(known.text, stages) || !stages.length;
    const told = "These stages share a line: change them in the YAML.";
    return make(
      "section.part",
      {},
      make("h2", {}, `Part ${name}`),
      isOpenToForms ? this.list(known, schema, name, stages) : make("p.hint", {}, told),
      make(
        "button.quiet",
        { onclick: () => this.showLine(line), "data-focus": `part ${name}` },
        `Show line ${line}`,
      ),
    );
  }

  /**
   * @param {Pipeline} known
   * @param {any} schema
   * @param {string} part "" for the whole
   * @param {StagePlace[]} stages
   */
  list(known, schema, part, stages) {
    const cards = stages.map((stage, number) => this.card(known, schema, part, stages, stage, number));
    return make("ol.stages", {}, ...cards);
  }

  /**
   * @param {Pipeline} known
   * @param {any} schema
   * @param {string} part
   * @param {StagePlace[]} stages
   * @param {StagePlace} stage
   * @param {number} number
   */
  card(known, schema, part, stages, stage, number) {
    const begins = allStages(known).map(({ line }) => line);
    const next = Math.min(...begins.filter((line) => line > stage.line));
    const isOwn = (/** @type {Fault} */ { line }) => line !== null && line >= stage.line && line < next;
    const key = `${part}/${number}`;
    return stageCard({
      schema,
      stage,
      number,
      part,
      count: stages.length,
      faults: (this.faults ?? []).filter(isOwn),
      isOpen: this.opened?.get(key) === stage.name,
      toggled: (isOpen) => (isOpen ? this.opened?.set(key, stage.name) : this.opened?.delete(key)),
      changed: (params) => this.change((now) => withParams(now.text, stagesIn(now, part), number, params)),
      moved: (step) => this.moveStage(part, number, step),
      removed: () => this.removeStage(part, number),
      shown: () => this.showLine(stage.line),
    });
  }

  /**
   * @param {string} part
   * @param {number} number
   * @param {number} step
   */
  moveStage(part, number, step) {
    const to = number + step;
    const active = document.activeElement;
    active?.setAttribute("data-focus", String(active.getAttribute("data-focus")).replace(/\d+$/, String(to)));
    this.renumber(part, (n) => (n === number ? to : n === to ? number : n));
    this.change((now) => withStageAt(now.text, stagesIn(now, part), number, to));
  }

  /**
   * @param {string} part
   * @param {number} number
   */
  removeStage(part, number) {
    this.renumber(part, (n) => (n === number ? -1 : n > number ? n - 1 : n));
    this.change((now) => withoutStage(now.text, stagesIn(now, part), number));
  }

  /**
   * Cards of a part that are open stay so at their new places.
   * @param {string} part
   * @param {(number: number) => number} place -1 for none
   */
  renumber(part, place) {
    const moved = (/** @type {string} */ key) => {
      const [own, number] = key.split("/");
      return own === part ? `${part}/${place(Number(number))}` : key;
    };
    const opened = [...(this.opened ?? [])].map(
      ([key, name]) => /** @type {[string, string]} */ ([moved(key), name]),
    );
    this.opened = new Map(opened.filter(([key]) => !key.endsWith("/-1")));
  }

  /** @param {string} stage */
  add(stage) {
    const stages = this.known?.stages ?? [];
    const first = stages.findIndex(({ name }) => WRITERS.includes(name));
    const place = WRITERS.includes(stage) || first < 0 ? stages.length : first;
    this.opened = new Map([[`/${place}`, stage]]);
    document.activeElement?.setAttribute("data-focus", `stage ${place}`);
    this.change((now) => withStage(now.text, now.stages, place, stage));
  }

  /**
   * A change in a form is a change of the text. Changes go one after the other, each on what the one before left.
   * @param {(now: Pipeline) => string} text
   */
  change(text) {
    /** @type {Promise<void>} */
    const done = (this.changes ?? Promise.resolve()).then(async () => {
      if (this.known?.text !== this.pane?.value) await this.check();
      if (!this.known || !this.pane) return;
      if (this.known.text !== this.pane.value) {
        this.told?.replaceChildren("Please mend the YAML first: the forms show it as it was before.");
        return;
      }
      this.pane.value = text(this.known);
      await this.check();
    });
    this.changes = done;
    return done;
  }

  // ------------------------------------------------------------------------------- the text

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), REST);
    this.tell(this.faults ?? []);
  }

  /** Has the server read the text: its mistakes by line, or what the forms show. */
  async check() {
    clearTimeout(this.timer);
    const text = this.pane?.value ?? "";
    this.checks = (this.checks ?? 0) + 1;
    const round = this.checks;
    let answer;
    try {
      answer = await api.check(text);
    } catch (error) {
      const { body } = /** @type {any} */ (error);
      if (!body?.errors)
        return this.told?.replaceChildren(error instanceof Error ? error.message : String(error));
      answer = body;
    }
    if (round !== this.checks) return;
    if (answer.stages) this.known = { text, data: answer.data, stages: answer.stages, parts: answer.parts };
    this.tell(answer.errors ?? []);
    this.drawForms();
  }

  /** @param {Fault[]} faults */
  tell(faults) {
    this.faults = faults;
    this.pane?.show(faults);
    const isEdited = this.pane?.value !== this.applied?.text;
    if (this.applyButton) this.applyButton.disabled = !isEdited || faults.length > 0;
    if (this.discardButton) this.discardButton.disabled = !isEdited;
    const text = faults.length
      ? `${counted(faults.length, "mistake")} in the YAML`
      : isEdited
        ? "Changed, not applied yet"
        : "The film is made by these stages";
    this.told?.classList.toggle("error", faults.length > 0);
    this.told?.replaceChildren(text);
  }

  async apply() {
    if (!this.pane || this.applyButton?.disabled) return;
    this.told?.replaceChildren("Running the stages …");
    this.setAttribute("aria-busy", "true");
    try {
      await store.setPipeline(this.pane.value);
      await this.renew();
      store.say("good", "The pipeline was applied.");
    } catch (error) {
      const { body } = /** @type {any} */ (error);
      const message = error instanceof Error ? error.message : String(error);
      this.tell(body?.errors ?? [{ line: null, message }]);
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  discard() {
    if (!this.applied || !this.pane) return;
    this.pane.value = this.applied.text;
    this.known = this.applied;
    this.tell([]);
    this.drawForms();
  }

  // ------------------------------------------------------------------------------- the view

  /** @param {number} view 0 for the forms, 1 for the text, where there is no room for both */
  look(view) {
    this.body.dataset.view = String(view);
    for (const [i, button] of (this.views ?? []).entries())
      button.setAttribute("aria-pressed", String(i === view));
  }

  /** @param {number} line */
  showLine(line) {
    this.look(1);
    this.pane?.go(line);
  }

  widen() {
    const isWide = this.classList.toggle("wide");
    this.wideButton?.setAttribute("aria-pressed", String(isWide));
  }
}

/** @param {Pipeline} known */
const allStages = ({ stages, parts = [] }) => [...parts.flatMap((part) => part.stages), ...stages];

/**
 * @param {Pipeline} known
 * @param {string} part "" for the whole
 */
const stagesIn = ({ stages, parts = [] }, part) => parts.find(({ name }) => name === part)?.stages ?? stages;

const madeInPython = () =>
  nothing(
    "This film has no pipeline as text.",
    "It was opened from a cut or made in Python. Corrections by hand work all the same; open a pipeline's YAML to change its stages here.",
  );

customElements.define("panel-pipeline", PipelinePanel);
