import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asMapping,
  asWritten,
  faultOf,
  fieldsOf,
  limits,
  shortOf,
  stagesOf,
  standardText,
} from "../../smartcut/studio/page/schema.js";

const placeholder = { type: "string", pattern: "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" };
/** As the server writes a setting: the value itself, or the name of a parameter. */
const setting = (value) => ({ anyOf: [value, placeholder] });
const time = { type: ["number", "string"], examples: [12.5, "30s", "00:01:02.5"] };
const count = setting({ type: "integer", minimum: 1, maximum: 9, default: 3, description: "How many." });
const schema = {
  $defs: {
    Duck: {
      type: "object",
      description: "How music makes room.",
      properties: {
        depth: { type: "number", exclusiveMinimum: 0, maximum: 60, default: 12.0, description: "dB." },
      },
    },
    "stage-pick": {
      description: "Picks `some`.\n\nMore of it.\n\n```yaml\n- pick: 3\n```",
      properties: {
        count,
        order: setting({ enum: ["time", "score"], default: "time", type: "string" }),
        sure: setting({ type: "boolean", default: true, description: "Never doubt." }),
        fade: setting({ ...time, default: "1/5" }),
        gain: setting({ anyOf: [{ enum: ["keep"], type: "string" }, { type: "number" }], default: "keep" }),
        duck: setting({ anyOf: [{ type: "boolean" }, { $ref: "#/$defs/Duck" }], default: true }),
        mask: setting({
          anyOf: [{ $ref: "#/$defs/Duck" }, { type: "null" }],
          default: null,
          description: "Where.",
        }),
        file: setting({ anyOf: [{ type: "string", format: "path" }, { type: "null" }], default: null }),
        box: setting({
          anyOf: [{ type: "string" }, { type: "null" }],
          default: null,
          description: "Colour of a box.",
        }),
        colour: setting({ type: "string", default: "#ffffff" }),
        amount: setting({ type: ["number", "object", "array"], default: 1, examples: [1.2] }),
        weights: setting({
          type: "object",
          additionalProperties: { type: "number" },
          default: { motion: 1 },
        }),
        mode: setting({ anyOf: [{ enum: ["a"] }, { const: "b" }], default: "a" }),
        text: setting({ type: "string", description: "What it says." }),
      },
    },
    "stage-all": { description: "Does it all.", properties: {} },
    stages: {
      items: {
        anyOf: [
          { enum: ["all", "pick"] },
          { properties: { all: { anyOf: [{ $ref: "" }, { type: "null" }] } } },
          { properties: { pick: { anyOf: [{ $ref: "#/$defs/stage-pick" }, { type: "null" }, count] } } },
        ],
      },
    },
  },
};
const fields = fieldsOf(schema, "pick");
const field = (name) => fields.find((one) => one.name === name);

test("each setting has the control that its schema asks for", () => {
  assert.deepEqual(
    fields.map((one) => `${one.name} ${one.kind}`),
    [
      "count number",
      "order choice",
      "sure truth",
      "fade time",
      "gain either",
      "duck either",
      "mask object",
      "file path",
      "box colour",
      "colour colour",
      "amount value",
      "weights map",
      "mode choice",
      "text text",
    ],
  );
  assert.deepEqual(field("mode").choices, ["a", "b"]);
  assert.deepEqual(
    field("gain").variants.map((one) => one.kind),
    ["choice", "number"],
  );
  assert.deepEqual(
    field("mask").fields.map((one) => [one.name, one.unit, one.standard]),
    [["depth", "dB", 12]],
  );
  assert.deepEqual([field("mask").nullable, field("count").nullable], [true, false]);
  assert.deepEqual(field("weights").known, ["motion"]);
  assert.equal(field("sure").help, "Never doubt.");
});

test("what holds where nothing is given is told as people read it", () => {
  const told = ["count", "sure", "fade", "file", "weights", "text"].map((name) => standardText(field(name)));
  assert.deepEqual(told, ["3", "yes", "0.2", "none", "{motion: 1}", "needed"]);
});

test("a number outside of its limits is told with them", () => {
  assert.equal(limits(field("count")), ": 1 to 9");
  assert.equal(limits(field("mask").fields[0]), ": more than 0 to 60 dB");
  assert.equal(faultOf(field("count"), 3), "");
  assert.equal(faultOf(field("count"), undefined), "");
  assert.equal(faultOf(field("count"), `\${n}`), "");
  assert.match(faultOf(field("count"), 12), /^12 is outside .*1 to 9/);
  assert.match(faultOf(field("count"), 1.5), /whole number/);
  assert.match(faultOf(field("count"), Number.NaN), /a number is expected/);
  assert.match(faultOf(field("mask").fields[0], 0), /more than 0/);
});

test("stages are listed with what they do, without their examples", () => {
  assert.deepEqual(stagesOf(schema), [
    { name: "all", about: "Does it all.", details: "" },
    { name: "pick", about: "Picks `some`.", details: "More of it." },
  ]);
  assert.deepEqual(fieldsOf(schema, "none"), []);
});

test("the short form of a stage is its setting, and stays short where it can", () => {
  assert.deepEqual([shortOf(schema, "pick"), shortOf(schema, "all")], ["count", ""]);
  assert.deepEqual(asMapping(3, "count", fields), { count: 3 });
  assert.deepEqual(asMapping({ order: "time" }, "count", fields), { order: "time" });
  assert.deepEqual(asMapping(null, "count", fields), {});
  assert.equal(asWritten({ count: 4 }, "count", 3), 4);
  assert.deepEqual(asWritten({ count: 4, order: "score" }, "count", 3), { count: 4, order: "score" });
  assert.deepEqual(asWritten({ count: 4 }, "count", null), { count: 4 });
  assert.equal(asWritten({}, "count", 3), null);
});
