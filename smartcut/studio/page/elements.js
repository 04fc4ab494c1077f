/** Elements made in one call; texts go in as text, never as HTML. */

/**
 * An element: `make("p.hint", { title: "…" }, "text", child)`.
 * Properties that begin with "on" are listeners; null, undefined and false are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T | `${T}.${string}`} kind tag and classes
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(/** @type {T} */ (tag));
  if (tag === "button") element.setAttribute("type", "button");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) put(element, name, value);
  element.append(
    .../** @type {(Node | string)[]} */ (
      children
        .filter((c) => c !== null && c !== undefined && c !== false)
        .map((c) => (typeof c === "number" ? String(c) : c))
    ),
  );
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {any} value
 */
function put(element, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (
    name.startsWith("aria-") ||
    name.startsWith("data-") ||
    name === "role" ||
    name === "list" ||
    name === "for"
  ) {
    element.setAttribute(name, String(value));
  } else if (name === "value" && isTyped(element)) Object.assign(element, { defaultValue: value, value });
  else if (name in element) Object.assign(element, { [name]: value });
  else if (value !== false) element.setAttribute(name, String(value));
}

/**
 * "1 segment", "3 segments".
 * @param {number} number
 * @param {string} noun
 * @param {string} [many]
 */
export const counted = (number, noun, many = `${noun}s`) => `${number} ${number === 1 ? noun : many}`;

/**
 * What a panel shows where it has nothing: why, and what to do.
 * @param {string} title
 * @param {string} advice
 * @param {...Node} actions
 */
export const nothing = (title, advice, ...actions) =>
  make("div.nothing", {}, make("p.nothing-title", {}, title), make("p.hint", {}, advice), ...actions);

/**
 * A share of 0..1 as a bar with its name and number.
 * @param {string} name
 * @param {number} value
 * @param {{weight?: number | null, note?: string}} [more]
 */
export function bar(name, value, { weight = null, note = "" } = {}) {
  const share = Math.min(1, Math.max(0, value));
  const fill = make("i");
  fill.style.width = `${100 * share}%`;
  return make(
    "div.bar",
    { title: note },
    make("span.bar-name", {}, name),
    make("span.bar-track", { "aria-hidden": "true" }, fill),
    make("span.bar-value.numbers", {}, value.toFixed(2)),
    weight === null ? null : make("span.bar-weight.numbers", { title: `weight ${weight}` }, `× ${weight}`),
  );
}

/**
 * A style sheet that what is loaded late brings along; resolves once it holds.
 * @param {string} name of a file of the page
 * @returns {Promise<unknown>}
 */
export function styled(name) {
  const link = make("link", { rel: "stylesheet", href: `/page/${name}` });
  const done = new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
  document.head.append(link);
  return done;
}

/**
 * Draws the inside of an element anew: the focus stays on what has the same `data-focus`, with what is being
 * typed into it.
 * @param {HTMLElement} root
 * @param {() => void} draw
 */
export function keepingFocus(root, draw) {
  const active = document.activeElement;
  const name = active && root.contains(active) ? active.getAttribute("data-focus") : null;
  draw();
  if (!active || !name || root.contains(active)) return;
  const again = root.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  if (!(again instanceof HTMLElement)) return;
  if (isTyped(active) && isTyped(again) && active.value !== active.defaultValue) again.value = active.value;
  again.focus({ preventScroll: true });
}

/**
 * @param {Element} element
 * @returns {element is HTMLInputElement | HTMLTextAreaElement}
 */
const isTyped = (element) =>
  element instanceof HTMLTextAreaElement ||
  (element instanceof HTMLInputElement && ["text", "number", "search"].includes(element.type));
