import assert from "node:assert/strict";
import test from "node:test";
import { family, KINDS, mimeOf, played } from "../../smartcut/studio/page/codec.js";

function bytes(box, ...content) {
  return new Uint8Array([
    0,
    0,
    0,
    8,
    ...new TextEncoder().encode("ftypmoov"),
    ...new TextEncoder().encode(box),
    ...content,
  ]);
}

test("codecs are read from the sample entry of an init segment", () => {
  assert.equal(mimeOf(bytes("avcC", 1, 0x64, 0x00, 0x28)), 'video/mp4; codecs="avc1.640028"');
  assert.equal(mimeOf(bytes("vpcC", 1, 0, 0, 0, 0, 40, 0x80)), 'video/mp4; codecs="vp09.00.40.08"');
  assert.equal(mimeOf(bytes("av1C", 0x81, 0x08, 0x00)), 'video/mp4; codecs="av01.0.08M.08"');
  assert.equal(mimeOf(bytes("mp4a")), null);
});

test("families tell whether a buffer's type has to be changed", () => {
  assert.equal(family('video/mp4; codecs="avc1.640028"'), "avc1");
  assert.equal(family("video/mp4; codecs=vp09.00.40.08"), "vp09");
});

test("a browser says which kinds it plays", () => {
  assert.equal(
    played((mime) => /avc1|av01.0.08M.08/.test(mime)),
    "h264,h264-10,h264-422,h264-444,av1",
  );
  assert.equal(
    played(() => true),
    Object.keys(KINDS).join(","),
  );
});
