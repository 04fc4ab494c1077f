/**
 * What the server says, as types. Times are seconds on the timeline unless a name says otherwise;
 * "exact" text is a number of source seconds as a decimal or a fraction ("12.4", "62/5").
 *
 * @typedef {object} Source
 * @property {string} id
 * @property {string} name
 * @property {string} path
 * @property {number} duration seconds
 * @property {number|null} width pixels
 * @property {number|null} height pixels
 * @property {boolean} has_sound
 *
 * @typedef {object} Segment
 * @property {string} id stays the same while edits change the segment
 * @property {string|null} source id of the source; null for a gap or a drawn picture
 * @property {string} start exact, in source time
 * @property {string} end exact, in source time
 * @property {string|number} speed 2 plays twice as fast; exact text or a number
 * @property {string} label
 * @property {Record<string, number>} scores each in 0..1
 * @property {number} at where it begins on the timeline
 * @property {number} to where it ends on the timeline
 * @property {string|null} transition kind of the transition that it comes in with
 * @property {number} overlap seconds shared with the segment before it
 * @property {string|null} [text] of a title or caption
 * @property {{size: number|null, colour: string|null}|null} [drawing] of a text: its letters
 * @property {number|null} [x] its middle, share of the picture's width
 * @property {number|null} [y] its middle, share of the picture's height
 * @property {number|null} [w] share of the picture's width
 * @property {number|null} [h] share of the picture's height
 * @property {string|null} edited null, "trimmed", "moved", "added", "replaced" or "set"
 *
 * @typedef {object} PlacedBox of something over the picture, in shares of the frame
 * @property {number} x its middle
 * @property {number} y its middle
 * @property {number} w
 * @property {number} h
 * @property {number} home_x where its middle comes with `x: 0.5`
 * @property {number} home_y where its middle comes with `y: 0.5`
 *
 * @typedef {object} Track
 * @property {string} role "programme" is the picture with its own sound
 * @property {"picture"|"sound"} kind
 * @property {Segment[]} segments
 *
 * @typedef {object} Span
 * @property {"copy"|"encode"} kind
 * @property {string} reason
 * @property {number} start
 * @property {number} end
 * @property {number} frames
 *
 * @typedef {object} Chunk
 * @property {string} key names the bytes: the same key is the same picture
 * @property {number} start
 * @property {number} end
 * @property {"copy"|"encode"} kind
 * @property {boolean} ready encoded already
 * @property {string} [mime] of its fragments, once they are no draft
 *
 * @typedef {object} Word
 * @property {string} text
 * @property {number} start
 * @property {number} end
 * @property {string} source
 * @property {number|string} from source time
 * @property {number|string} to source time
 * @property {string} segment
 * @property {string|null} speaker
 * @property {number|null} probability 0..1
 *
 * @typedef {object} Caption
 * @property {number} start
 * @property {number} end
 * @property {string} text
 *
 * @typedef {object} Markers in source seconds
 * @property {number[]} shots
 * @property {number[]} beats
 * @property {number[]} keyframes
 *
 * @typedef {object} Conflict
 * @property {number} edit
 * @property {string} kind
 * @property {string} why
 *
 * @typedef {Record<string, any>} Edit an object with one key: the operation
 *
 * @typedef {object} State
 * @property {number} version
 * @property {string} name
 * @property {number} duration
 * @property {string} rate frames a second, exact
 * @property {[number, number]} size
 * @property {string} mime of the fragments' picture
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {boolean} is_saved
 * @property {number} base version of the automatic cut
 * @property {Source[]} sources
 * @property {Track[]} tracks
 * @property {Record<string, PlacedBox>} boxes by segment id
 * @property {Span[]} spans
 * @property {Chunk[]} chunks
 * @property {string|null} sound key of the mixed sound
 * @property {Word[]} words
 * @property {Caption[]} captions
 * @property {{start?: number, at?: number, title: string}[]} chapters
 * @property {Record<string, Markers>} markers by source id
 * @property {string[]} notes
 * @property {Conflict[]} conflicts
 * @property {Edit[]} edits
 * @property {string[]} [stages] names of the pipeline's stages
 * @property {string[]} [changed_files] files of this film that another program has changed
 *
 * @typedef {object} StudioEvent
 * @property {"state"|"progress"|"note"|"done"|"error"|"opened"} kind
 * @property {string} [text]
 * @property {string} [work] what it is about: "render", "open", "stages", "conform" or "learn"
 * @property {number|null} [done] 0..1; null or missing while it is not known
 *
 * @typedef {"state"|"selection"|"playhead"|"playing"|"progress"|"message"|"range"|"panel"|"shown"|"trouble"|"made"|"frame"|"waiting"|"rate"|"loop"|"volume"|"view"|"action"|"opening"} Topic
 *
 * @typedef {object} Message
 * @property {"info"|"good"|"warning"|"error"} kind
 * @property {string} text
 */

export {};
