/** The render: begun, followed, stopped; and its result with what there is to say of it. */
import { counted, make } from "./elements.js";
import { clock, duration } from "./numbers.js";
import { Panel } from "./panel.js";
import { shares } from "./plan-sums.js";
import { code } from "./stage-form.js";
import { store } from "./store.js";

/** @typedef {import("./types.js").State} State */

export class RenderPanel extends Panel {
  static fields = ["version", "output", "spans", "notes", "conflicts"];

  build() {
    /** @type {any} what a render ended with */
    this.result = null;
    this.began = 0;
    this.hasFailed = false;
    this.rendered = -1;
    this.about = make("p.hint");
    this.output = make("input", {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      "data-focus": "output",
    });
    this.button = make("button.primary", { onclick: () => this.begin() }, "Render");
    this.stopButton = make("button.danger", { onclick: () => store.stop() }, "Stop");
    this.bar = make("progress", { max: 1, "aria-label": "Progress of the render" });
    this.step = make("p.hint.numbers", { role: "status" });
    this.running = make("section.running", { hidden: true }, this.bar, this.step, this.stopButton);
    this.outcome = make("div.outcome");
    this.notes = make("div");
    this.append(
      make(
        "section",
        {},
        make("label.field", {}, make("span.field-name", {}, "File to write"), this.output),
        this.about,
        this.button,
      ),
      this.running,
      this.outcome,
      this.notes,
    );
  }

  connected() {
    this.ends.push(store.on("progress", (event) => this.follow(event)));
    if (store.progress) this.follow(store.progress);
  }

  /** What was not rendered yet is said where the result will be. */
  get body() {
    return /** @type {HTMLElement} */ (this.outcome);
  }

  /** @param {State & {output?: string, render?: any}} state */
  draw(state) {
    const { output, about, button, notes } = this;
    if (!output || !about || !button || !notes) return;
    if (!this.result && !this.hasFailed) this.outcome?.replaceChildren();
    if (state.render && this.running?.hidden) this.follow({ kind: "progress", ...state.render });
    output.placeholder = state.output ?? "the pipeline's own";
    const { share, encoded } = shares(state.spans);
    about.textContent = `${clock(state.duration, 1)} of film, ${Math.round(100 * share)} % copied, ${duration(encoded)} to encode.`;
    button.textContent = this.result?.path && this.rendered !== state.version ? "Render again" : "Render";
    const told = [
      ...(state.conflicts.length
        ? [`${counted(state.conflicts.length, "correction")} did not apply: see Edits.`]
        : []),
      ...state.notes.filter((note) => !this.result?.notes?.includes(note)),
    ];
    notes.replaceChildren(
      ...(told.length
        ? [
            make("h2", {}, "Notes"),
            make("ul.notes", {}, ...told.map((note) => make("li", {}, ...code(note)))),
          ]
        : []),
    );
  }

  begin() {
    store.render(this.output?.value.trim() || undefined);
  }

  /** @param {any} event */
  follow(event) {
    const { running, bar, step, button, outcome } = this;
    if (!running || !bar || !step || !button || !outcome) return;
    if ((event.work ?? "render") !== "render") return;
    const isRunning = event.kind === "progress";
    if (isRunning && running.hidden) {
      Object.assign(this, { began: performance.now(), result: null, hasFailed: false });
      outcome.replaceChildren();
    }
    running.hidden = !isRunning;
    button.disabled = isRunning;
    if (!isRunning) return this.end(event);
    if (typeof event.done === "number") bar.value = event.done;
    else bar.removeAttribute("value");
    const passed = (performance.now() - (this.began ?? 0)) / 1000;
    const left =
      typeof event.done === "number" && event.done > 0.05
        ? `, about ${duration((passed / event.done) * (1 - event.done))} left`
        : "";
    const share = typeof event.done === "number" ? `${Math.round(100 * event.done)} %` : "";
    step.textContent = [share + left, event.text].filter(Boolean).join(" · ");
  }

  /** @param {any} event "done" or "error" */
  end(event) {
    const passed = (performance.now() - (this.began ?? 0)) / 1000;
    this.hasFailed = event.kind === "error";
    if (this.hasFailed) {
      this.outcome?.replaceChildren(
        make(
          "section.notice.error",
          { role: "alert" },
          make("strong", {}, event.is_stopped ? "Stopped." : "The render failed."),
          make("p", {}, event.text ?? ""),
        ),
      );
      return;
    }
    this.result = event;
    this.rendered = store.state?.version ?? -1;
    this.outcome?.replaceChildren(result(event, passed));
    if (store.state) this.draw(store.state);
  }
}

/**
 * @param {any} event
 * @param {number} passed seconds
 */
function result(event, passed) {
  const path = String(event.path ?? "");
  const isSound = /\.(mp3|wav|flac|m4a|ogg|opus)$/i.test(path);
  const address = `/api/result?v=${encodeURIComponent(String(event.version ?? Date.now()))}`;
  const player = make(isSound ? "audio" : "video", {
    controls: true,
    preload: "metadata",
    src: address,
    "aria-label": "The rendered film",
  });
  const failed = make(
    "p.hint",
    { hidden: true },
    "This browser cannot play the file; it is written all the same.",
  );
  player.addEventListener("error", () => {
    player.hidden = true;
    failed.hidden = false;
  });
  return make(
    "section",
    {},
    make("h2", {}, "Done"),
    player,
    failed,
    make("p.path", {}, path),
    make("p.hint.numbers", {}, `in ${duration(event.seconds ?? passed)}`),
    event.notes?.length
      ? make(
          "ul.notes",
          {},
          ...event.notes.map((/** @type {string} */ note) => make("li", {}, ...code(note))),
        )
      : null,
  );
}

customElements.define("panel-render", RenderPanel);
