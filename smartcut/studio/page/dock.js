/** Tabs of panels. Each panel is loaded when it is first shown. */

import { panels } from "./panels.js";
import { store } from "./store.js";

/** Milliseconds that panels wait for the first picture. */
const PATIENCE = 1000;

export class Dock extends HTMLElement {
  connectedCallback() {
    if (this.tabs) return;
    this.panels = panels.filter((panel) => panel.side === this.getAttribute("side"));
    this.tabs = document.createElement("div");
    this.tabs.className = "tabs";
    this.tabs.setAttribute("role", "tablist");
    this.tabs.setAttribute("aria-label", this.getAttribute("aria-label") ?? "");
    this.tabs.addEventListener("keydown", (event) => this.moved(event));
    this.append(this.tabs, ...this.panels.map((panel) => this.made(panel)));
    store.on("panel", (tag) => this.show(tag, false));
    store.subscribe((state, changed) => changed.has("stages") && this.offer(state.stages ?? []));
    const last = localStorage.getItem(`dock-${this.id}`);
    const first = this.panels.find((panel) => panel.tag === last && !panel.stage) ?? this.panels[0];
    if (first) this.show(first.tag, false);
  }

  /** @param {import("./panels.js").Panel} panel */
  made(panel) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${panel.tag}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `sheet-${panel.tag}`);
    tab.textContent = panel.title;
    tab.hidden = Boolean(panel.stage);
    tab.addEventListener("click", () => this.show(panel.tag, false));
    this.tabs?.append(tab);
    const sheet = document.createElement("div");
    sheet.id = `sheet-${panel.tag}`;
    sheet.className = "sheet";
    sheet.tabIndex = 0;
    sheet.setAttribute("role", "tabpanel");
    sheet.setAttribute("aria-labelledby", tab.id);
    return sheet;
  }

  /**
   * Shows the tabs that have something to show of a pipeline with these stages.
   * @param {string[]} stages
   */
  offer(stages) {
    for (const { tag, stage } of this.panels ?? [])
      if (stage) this.piece("tab", tag).hidden = !stages.includes(stage);
    const shown = this.panels?.find(({ tag }) => !this.piece("sheet", tag).hidden);
    if (shown && this.piece("tab", shown.tag).hidden && this.panels) this.show(this.panels[0].tag, false);
  }

  /**
   * @param {string} tag
   * @param {boolean} isFocused whether the tab takes the focus
   */
  show(tag, isFocused) {
    const panel = this.panels?.find((one) => one.tag === tag);
    if (!panel) return;
    localStorage.setItem(`dock-${this.id}`, tag);
    for (const one of this.panels ?? []) {
      const [tab, sheet] = [this.piece("tab", one.tag), this.piece("sheet", one.tag)];
      tab.setAttribute("aria-selected", String(one === panel));
      tab.tabIndex = one === panel ? 0 : -1;
      sheet.hidden = one !== panel;
      if (one === panel && isFocused) tab.focus();
    }
    const sheet = this.piece("sheet", tag);
    if (!sheet.childElementCount) this.fill(panel, sheet);
  }

  /** After the first picture, which is what people wait for. */
  calm() {
    return new Promise((resolve) => {
      store.on("shown", resolve);
      setTimeout(resolve, PATIENCE);
    });
  }

  /**
   * @param {import("./panels.js").Panel} panel
   * @param {HTMLElement} sheet
   */
  async fill(panel, sheet) {
    const element = document.createElement(panel.tag);
    sheet.append(element);
    if (!store.player?.isShown) await this.calm();
    try {
      await panel.load();
    } catch (error) {
      element.textContent = `${panel.title} could not be loaded: ${error}`;
      element.className = "error";
    }
  }

  /**
   * @param {string} kind
   * @param {string} tag
   */
  piece(kind, tag) {
    return /** @type {HTMLElement} */ (this.querySelector(`#${kind}-${tag}`));
  }

  /** @param {KeyboardEvent} event */
  moved(event) {
    const all = (this.panels ?? []).filter((panel) => !this.piece("tab", panel.tag).hidden);
    const now = all.findIndex((panel) => this.piece("tab", panel.tag).tabIndex === 0);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(all[(to + all.length) % all.length].tag, true);
  }
}

customElements.define("studio-dock", Dock);
