/** Which part of the film comes next, and what can go: decided from plain numbers alone. */

/** @typedef {import("./types.js").Chunk} Chunk */
/** @typedef {[number, number][]} Ranges seconds, in order */
/** @typedef {{chunk: Chunk, isDraft: boolean}} Wanted */

const CLOSE = 0.05;

/**
 * The name of a chunk in one cut: the same bytes may be shown at two places.
 * @param {Chunk} chunk
 */
export const placeOf = (chunk) => `${chunk.key}@${chunk.start}`;

/**
 * Buffered ranges as plain numbers.
 * @param {TimeRanges} ranges
 * @returns {Ranges}
 */
export function plain(ranges) {
  return Array.from({ length: ranges.length }, (_, i) => [ranges.start(i), ranges.end(i)]);
}

/**
 * The end of what is buffered without a gap from a time on; the time itself where nothing is.
 * @param {Ranges} ranges
 * @param {number} at
 */
export function endAfter(ranges, at) {
  let end = at;
  for (const [a, b] of ranges) if (a <= end + CLOSE && b > end) end = b;
  return end;
}

/**
 * Whether a chunk is buffered from its first frame to its last.
 * @param {Ranges} ranges
 * @param {Chunk} chunk
 */
export function isBuffered(ranges, chunk) {
  const edge = Math.min(CLOSE, (chunk.end - chunk.start) / 4);
  return ranges.some(([a, b]) => a <= chunk.start + edge && b >= chunk.end - edge);
}

/**
 * The next chunk to fetch: first what is missing from the playhead on, then the real pictures of what is
 * there as a draft. Null where nothing is wanted.
 *
 * @param {Chunk[]} chunks in order
 * @param {object} now
 * @param {number} now.at the playhead
 * @param {number} now.ahead seconds that are kept ready
 * @param {boolean} now.isPlaying a chunk that is being watched is not replaced under the viewer's eyes
 * @param {Map<string, "draft"|"real">} now.loaded by place
 * @param {Map<string, number>} now.failed how often each place failed: once, then it comes as a draft
 * @returns {Wanted|null}
 */
export function nextWanted(chunks, { at, ahead, isPlaying, loaded, failed }) {
  const near = chunks.filter((chunk) => chunk.end > at + 1e-3 && chunk.start < at + ahead);
  for (const chunk of near) {
    const place = placeOf(chunk);
    const failures = failed.get(place) ?? 0;
    if (loaded.has(place) || failures > 1) continue;
    return { chunk, isDraft: failures > 0 || (chunk.kind === "encode" && !chunk.ready) };
  }
  for (const chunk of near) {
    const place = placeOf(chunk);
    const isWatched = isPlaying && chunk.start < at + 1;
    if (loaded.get(place) === "draft" && !failed.has(place) && !isWatched) return { chunk, isDraft: false };
  }
  return null;
}

/**
 * Whether a fetch that is under way is still worth its work after the playhead has moved.
 * @param {Wanted} fetching
 * @param {Wanted|null} wanted what would be fetched now
 * @param {number} at
 */
export function isStillWanted(fetching, wanted, at) {
  if (!wanted || wanted.chunk === fetching.chunk) return true;
  const isNeeded = wanted.chunk.start < at + 2;
  const isBehind = fetching.chunk.end <= at || fetching.chunk.start > at + 2;
  return !(isNeeded && (isBehind || !fetching.isDraft));
}

/**
 * Where in a chunk its draft is to begin, in seconds of it: long drafts are not waited for from their beginning.
 * @param {Chunk} chunk
 * @param {number} at the playhead
 */
export function beginsWithin(chunk, at) {
  const into = Math.floor(at - chunk.start);
  return into > 2 && at < chunk.end ? into : 0;
}

/**
 * What of a chunk is wanted where the playhead is in it.
 * @param {Chunk} chunk
 * @param {number} at
 * @returns {Chunk}
 */
export function restOf(chunk, at) {
  return at > chunk.start && at < chunk.end ? { ...chunk, start: at } : chunk;
}

/**
 * What is buffered outside of a window, as ranges to remove.
 * @param {Ranges} ranges
 * @param {number} from
 * @param {number} to
 * @returns {Ranges}
 */
export function outside(ranges, from, to) {
  return ranges
    .flatMap(([a, b]) => {
      /** @type {Ranges} */
      const parts = [
        [a, Math.min(b, from)],
        [Math.max(a, to), b],
      ];
      return parts;
    })
    .filter(([a, b]) => b > a + 1e-6);
}

/**
 * Chunks that a render would still have to encode, in the order of watching, from the playhead on.
 * @param {Chunk[]} chunks
 * @param {number} at
 */
export function unmade(chunks, at) {
  const due = chunks.filter((chunk) => chunk.kind === "encode" && !chunk.ready);
  return [...due.filter((chunk) => chunk.end > at), ...due.filter((chunk) => chunk.end <= at)];
}

/**
 * Whether more sound may go in: never further than the picture reaches, so that both wait together
 * where the picture is late (else the browser plays sound over a frozen picture and drops frames).
 * @param {number} pictureEnd
 * @param {number} soundEnd
 * @param {number} duration
 */
export function mayGrow(pictureEnd, soundEnd, duration) {
  return soundEnd < pictureEnd - 1e-3 || pictureEnd >= duration - CLOSE;
}
