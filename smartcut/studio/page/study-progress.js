/** Long work that changes no film, as it is followed: a bar, what is done now, Stop, and what went wrong. */
import { api } from "./api.js";
import { make } from "./elements.js";
import { store } from "./store.js";

/** @typedef {{running: boolean, done: number | null, text: string, error: string, found: any}} Study */

export class StudyProgress {
  /**
   * @param {"conform" | "learn"} work
   * @param {string} name what it is called for those who do not see it
   * @param {() => void} ended called when there may be something new to show
   */
  constructor(work, name, ended) {
    this.work = work;
    this.ended = ended;
    this.bar = make("progress", { max: 1, "aria-label": name });
    this.step = make("p.hint.numbers", { role: "status" });
    this.running = make(
      "section.running",
      { hidden: true },
      this.bar,
      this.step,
      make("button.danger", { onclick: () => api.stop(work).catch((error) => store.fail(error)) }, "Stop"),
    );
    this.trouble = make("div");
    this.element = make("div", {}, this.running, this.trouble);
  }

  /** @param {Study} study */
  show(study) {
    this.running.hidden = !study.running;
    if (study.running) this.advance(study);
    else if (study.error) this.fail(study.error);
  }

  /** @param {any} event of the server */
  follow(event) {
    if (event.work !== this.work) return;
    const isRunning = event.kind === "progress";
    this.running.hidden = !isRunning;
    if (isRunning) {
      this.trouble.replaceChildren();
      return this.advance(event);
    }
    if (event.kind === "error") this.fail(event.text, event.is_stopped ? "Stopped." : undefined);
    this.ended();
  }

  /** @param {{done?: number | null, text?: string}} how */
  advance({ done, text }) {
    if (typeof done === "number") this.bar.value = done;
    else this.bar.removeAttribute("value");
    const share = typeof done === "number" ? `${Math.round(100 * done)} %` : "";
    this.step.textContent = [share, text].filter(Boolean).join(" · ");
  }

  /**
   * @param {string} text
   * @param {string} [title]
   */
  fail(text, title = "This could not be done.") {
    this.trouble.replaceChildren(
      make("section.notice.error", { role: "alert" }, make("strong", {}, title), make("p", {}, text)),
    );
  }

  get isRunning() {
    return !this.running.hidden;
  }
}
