/** Values as YAML writes them on one line, both ways: what forms put into a pipeline's text. */

/** Plain scalars that YAML reads as something else than text. */
const TAKEN = /^(true|false|yes|no|on|off|null|none|~|y|n)$/i;
const SAFE = /^[\p{L}_./$][\p{L}\p{N}_./+$% -]*$/u;
const NUMBER_LIKE = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/**
 * A scalar, quoted where YAML would read it otherwise.
 * @param {unknown} value
 */
export function scalar(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = String(value);
  if (/^\$\{\w+\}$/.test(text)) return `"${text}"`;
  const isPlain =
    (SAFE.test(text) || /^\d+(\.\d+)?(ms|s|m|h|%|p)$/.test(text)) &&
    !TAKEN.test(text) &&
    !NUMBER_LIKE.test(text) &&
    text.trim() === text;
  return isPlain ? text : JSON.stringify(text);
}

/**
 * Any value on one line.
 * @param {unknown} value
 * @returns {string}
 */
export function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, item]) => `${scalar(key)}: ${flow(item)}`)
      .join(", ")}}`;
  }
  return scalar(value);
}

/** What a text of one line that is no YAML raises; its message says where and what is wrong. */
export class NotAValue extends Error {}

/**
 * The value of one line of YAML.
 * @param {string} text
 * @returns {unknown}
 */
export function parseFlow(text) {
  const reader = new Reader(text);
  const value = reader.value("");
  reader.space();
  if (reader.place < text.length) throw new NotAValue(`unexpected "${text.slice(reader.place)}"`);
  return value;
}

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.place = 0;
  }

  space() {
    while (/\s/.test(this.text[this.place] ?? "")) this.place++;
  }

  /**
   * @param {string} ends characters that end a plain scalar, beside the end of the text
   * @returns {unknown}
   */
  value(ends) {
    this.space();
    const first = this.text[this.place];
    if (first === "[") return this.list();
    if (first === "{") return this.mapping();
    if (first === '"' || first === "'") return this.quoted(first);
    return plain(this.plainText(ends));
  }

  list() {
    /** @type {unknown[]} */
    const items = [];
    this.place++;
    for (;;) {
      this.space();
      if (this.text[this.place] === "]") break;
      items.push(this.value(",]"));
      this.next("]");
    }
    this.place++;
    return items;
  }

  mapping() {
    /** @type {Record<string, unknown>} */
    const found = {};
    this.place++;
    for (;;) {
      this.space();
      if (this.text[this.place] === "}") break;
      const quote = this.text[this.place];
      const key = quote === '"' || quote === "'" ? this.quoted(quote) : this.plainText(":,}");
      this.space();
      if (this.text[this.place] !== ":") throw new NotAValue(`a ":" is missing after "${key}"`);
      this.place++;
      found[key] = this.value(",}");
      this.next("}");
    }
    this.place++;
    return found;
  }

  /** @param {string} end */
  next(end) {
    this.space();
    if (this.text[this.place] === ",") this.place++;
    else if (this.text[this.place] !== end) throw new NotAValue(`a "${end}" is missing at the end`);
  }

  /** @param {string} quote */
  quoted(quote) {
    const from = this.place;
    for (this.place++; this.place < this.text.length; this.place++) {
      const sign = this.text[this.place];
      if (sign === "\\" && quote === '"') this.place++;
      else if (sign === quote && quote === "'" && this.text[this.place + 1] === "'") this.place++;
      else if (sign === quote) {
        const raw = this.text.slice(from, ++this.place);
        if (quote === "'") return raw.slice(1, -1).replaceAll("''", "'");
        try {
          return String(JSON.parse(raw));
        } catch {
          throw new NotAValue(`${raw} has an escape that is not known`);
        }
      }
    }
    throw new NotAValue(`a closing ${quote} is missing`);
  }

  /** @param {string} ends */
  plainText(ends) {
    const from = this.place;
    while (this.place < this.text.length && !this.isEnd(ends)) this.place++;
    return this.text.slice(from, this.place).trim();
  }

  /** @param {string} ends */
  isEnd(ends) {
    const sign = this.text[this.place];
    if (!ends.includes(sign)) return false;
    return sign !== ":" || /[\s,}\]]|^$/.test(this.text[this.place + 1] ?? "");
  }
}

/** @param {string} text */
function plain(text) {
  if (text === "" || /^(null|~)$/i.test(text)) return null;
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  return NUMBER_LIKE.test(text) ? Number(text.replaceAll("_", "")) : text;
}
