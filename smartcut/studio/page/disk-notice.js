/** Says that another program has changed a file of this film, and lets its reader decide: `<disk-notice>`. */
import { api } from "./api.js";
import { make } from "./elements.js";
import { store } from "./store.js";

/** Milliseconds from one look at the files to the next, while the page is seen. */
const PERIOD = 3000;

export class DiskNotice extends HTMLElement {
  connectedCallback() {
    if (this.watched) return;
    /** @type {string|undefined} the files that are told of */
    this.told = undefined;
    this.watched = true;
    this.hidden = true;
    this.setAttribute("role", "alert");
    store.subscribe((state, changed) => changed.has("changed_files") && this.show(state.changed_files ?? []));
    setInterval(() => this.look(), PERIOD);
    document.addEventListener("visibilitychange", () => this.look());
  }

  async look() {
    if (document.hidden || !store.state || this.hasAttribute("aria-busy")) return;
    try {
      this.show((await api.changedFiles()).changed);
    } catch {
      // no server: the page says so elsewhere
    }
  }

  /** @param {string[]} paths */
  show(paths) {
    const told = paths.join("\n");
    if (told === this.told) return;
    this.told = told;
    this.hidden = paths.length === 0;
    const names = paths.map((path) => path.split(/[\\/]/).at(-1)).join(", ");
    this.replaceChildren(
      make("p", { title: told }, make("strong", {}, names), " was changed by another program."),
      make(
        "button",
        {
          title: "Runs the stages again with what the file holds now; Undo brings this back",
          onclick: () => this.decide(() => store.change((base) => api.reload(base))),
        },
        "Reload",
      ),
      make(
        "button",
        {
          title: "Goes on with what is shown here; the next Save writes over the file",
          onclick: () => this.decide(() => store.change(() => api.keepMine())),
        },
        "Keep mine",
      ),
    );
  }

  /** @param {() => Promise<unknown>} decision */
  async decide(decision) {
    this.setAttribute("aria-busy", "true");
    for (const button of this.querySelectorAll("button")) button.disabled = true;
    await decision();
    this.removeAttribute("aria-busy");
    this.told = undefined;
    await this.look();
  }
}

customElements.define("disk-notice", DiskNotice);
