/** A bar that gives the area beside it another size, by mouse or arrow keys; the size is remembered. */

const STEP = 24;

export class Splitter extends HTMLElement {
  connectedCallback() {
    this.target = this.getAttribute("for") ?? "";
    this.isWide = this.getAttribute("axis") === "x";
    this.tabIndex = 0;
    this.setAttribute("role", "separator");
    this.setAttribute("aria-orientation", this.isWide ? "vertical" : "horizontal");
    this.setAttribute("aria-label", `Size of the ${this.target} area`);
    const last = Number(localStorage.getItem(`size-${this.target}`));
    if (last) this.set(last);
    this.addEventListener("pointerdown", (event) => this.drag(event));
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.addEventListener("dblclick", () => this.reset());
    requestAnimationFrame(() => this.tell());
  }

  get area() {
    return /** @type {HTMLElement} */ (document.getElementById(this.target ?? ""));
  }

  /** Growing goes away from the area: to the right for what is left of the bar, else to the left or up. */
  get sign() {
    return this.target === "left" ? 1 : -1;
  }

  get now() {
    const box = this.area.getBoundingClientRect();
    return this.isWide ? box.width : box.height;
  }

  /** @param {number} pixels */
  set(pixels) {
    const most = (this.isWide ? innerWidth : innerHeight) * 0.6;
    const size = Math.round(Math.min(Math.max(pixels, this.isWide ? 180 : 120), most));
    document.documentElement.style.setProperty(`--${this.target}-size`, `${size}px`);
    localStorage.setItem(`size-${this.target}`, String(size));
    this.tell();
  }

  reset() {
    document.documentElement.style.removeProperty(`--${this.target}-size`);
    localStorage.removeItem(`size-${this.target}`);
    this.tell();
  }

  tell() {
    const most = (this.isWide ? innerWidth : innerHeight) * 0.6;
    this.setAttribute("aria-valuemin", this.isWide ? "180" : "120");
    this.setAttribute("aria-valuemax", String(Math.round(most)));
    this.setAttribute("aria-valuenow", String(Math.round(this.now)));
  }

  /** @param {PointerEvent} event */
  drag(event) {
    event.preventDefault();
    this.focus();
    this.setPointerCapture(event.pointerId);
    const at = (/** @type {PointerEvent} */ e) => (this.isWide ? e.clientX : e.clientY);
    const [from, size] = [at(event), this.now];
    const moved = (/** @type {PointerEvent} */ e) => this.set(size + this.sign * (at(e) - from));
    this.addEventListener("pointermove", moved);
    this.addEventListener("pointerup", () => this.removeEventListener("pointermove", moved), { once: true });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const [less, more] = this.isWide ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(this.now + this.sign * (event.key === more ? STEP : -STEP));
  }
}

customElements.define("studio-splitter", Splitter);
