/** What a fragment holds, read from its own init segment: the type that a SourceBuffer must be told. */

const hex = (/** @type {number} */ n) => n.toString(16).padStart(2, "0");
const two = (/** @type {number} */ n) => String(n).padStart(2, "0");

/**
 * The MIME type with codecs of the picture in an init segment, or null where it holds none that is known.
 * @param {Uint8Array} bytes from the beginning of a fragment
 */
export function mimeOf(bytes) {
  const head = bytes.subarray(0, Math.min(bytes.length, 8192));
  const text = new TextDecoder("latin1").decode(head);
  const found = (/** @type {string} */ box) => {
    const at = text.indexOf(box);
    return at < 0 ? null : head.subarray(at + 4);
  };
  const avc = found("avcC");
  if (avc) return `video/mp4; codecs="avc1.${[1, 2, 3].map((k) => hex(avc[k])).join("")}"`;
  const vp9 = found("vpcC");
  if (vp9) return `video/mp4; codecs="vp09.${two(vp9[4])}.${two(vp9[5])}.${two(vp9[6] >> 4)}"`;
  const av1 = found("av1C");
  if (av1) {
    const [profile, level, tier, is10] = [av1[1] >> 5, av1[1] & 31, av1[2] >> 7, (av1[2] >> 6) & 1];
    return `video/mp4; codecs="av01.${profile}.${two(level)}${"MH"[tier]}.${is10 ? "10" : "08"}"`;
  }
  const hevc = found("hvcC");
  if (hevc) return `video/mp4; codecs="hvc1.${hevc[1] & 31}.6.L${hevc[12]}.B0"`;
  return null;
}

/** Kinds of pictures that the server asks for, each as browsers know it. */
export const KINDS = {
  h264: "avc1.640028",
  "h264-10": "avc1.6e0028",
  "h264-422": "avc1.7a0028",
  "h264-444": "avc1.f40028",
  hevc: "hvc1.1.6.L120.90",
  "hevc-10": "hvc1.2.4.L120.90",
  vp9: "vp09.00.41.08",
  "vp9-10": "vp09.02.41.10",
  av1: "av01.0.08M.08",
  "av1-10": "av01.0.08M.10",
};

/** @type {typeof MediaSource} Safari on phones has the managed one alone */
export const Source =
  /** @type {any} */ (globalThis).MediaSource ?? /** @type {any} */ (globalThis).ManagedMediaSource;

/**
 * Which of them this browser plays, with commas.
 * @param {(mime: string) => boolean} plays
 */
export function played(plays = (mime) => Source.isTypeSupported(mime)) {
  const found = Object.entries(KINDS).filter(([, codecs]) => plays(`video/mp4; codecs="${codecs}"`));
  return found.map(([kind]) => kind).join(",");
}

/**
 * The kind of codec of a type: "avc1" of `video/mp4; codecs="avc1.640028"`.
 * @param {string} mime
 */
export function family(mime) {
  return /codecs="?([a-z0-9]+)/i.exec(mime)?.[1] ?? mime;
}
