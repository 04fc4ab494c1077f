/** A pipeline's stages as cards with forms; its parameters; and what adds a stage. */
import { counted, make } from "./elements.js";
import { asMapping, asWritten, fieldsOf, shortOf, stagesOf } from "./schema.js";
import { code, form } from "./stage-form.js";
import { flow, NotAValue, parseFlow } from "./yaml-values.js";

/**
 * @typedef {object} Card
 * @property {import("./schema.js").Schema} schema
 * @property {import("./yaml-stages.js").StagePlace} stage
 * @property {number} number
 * @property {string} [part] whose stage it is: "1", or "" for the whole
 * @property {number} count of all stages
 * @property {{line: number | null, message: string}[]} faults
 * @property {boolean} isOpen
 * @property {(isOpen: boolean) => void} toggled
 * @property {(params: unknown) => void} changed
 * @property {(step: number) => void} moved
 * @property {() => void} removed
 * @property {() => void} shown
 */

/** @param {Card} card */
export function stageCard(card) {
  const { schema, stage, number, count, faults } = card;
  const place = placeIn(card);
  const body = make("div.stage-body");
  const fill = () => body.childElementCount || body.append(...inside(card));
  if (card.isOpen) fill();
  const button = (
    /** @type {string} */ sign,
    /** @type {string} */ label,
    /** @type {() => void} */ does,
    disabled = false,
  ) =>
    make(
      "button.icon",
      {
        title: label,
        "aria-label": `${label}: ${stage.name}`,
        disabled,
        onclick: does,
        "data-focus": `${label} ${place}`,
      },
      sign,
    );
  const told =
    stage.params === null || stage.params === undefined ? "" : flow(stage.params).replace(/^\{|\}$/g, "");
  const isKnown = Boolean(schema.$defs?.[`stage-${stage.name}`]);
  return make(
    `li.stage${faults.length ? ".faulty" : ""}`,
    {},
    make(
      "details",
      {
        open: card.isOpen,
        ontoggle: (/** @type {any} */ event) => {
          card.toggled(event.target.open);
          if (event.target.open) fill();
        },
      },
      make(
        "summary",
        { "data-focus": `stage ${place}` },
        make("span.number.numbers", {}, number + 1),
        make("span.name", {}, stage.name),
        make(
          "span.hint.summary-text",
          {},
          faults.length ? counted(faults.length, "mistake") : isKnown ? told : "not known here",
        ),
      ),
      body,
    ),
    make(
      "div.stage-buttons",
      {},
      button("↑", "Move up", () => card.moved(-1), number === 0),
      button("↓", "Move down", () => card.moved(1), number === count - 1),
      button("×", "Remove", card.removed),
    ),
  );
}

/** Where a stage stands, for the focus; ends with its number. @param {Card} card */
const placeIn = ({ part = "", number }) => (part ? `${part}/${number}` : `${number}`);

/** @param {Card} card */
function inside(card) {
  const { schema, stage, faults, changed, shown } = card;
  const place = placeIn(card);
  const fields = fieldsOf(schema, stage.name);
  const short = shortOf(schema, stage.name);
  const about = stagesOf(schema).find(({ name }) => name === stage.name);
  return [
    ...faults.map(({ message }) => make("p.fault", {}, message)),
    make("p.about", {}, ...code(about?.about ?? "")),
    about?.details
      ? make("details.details", {}, make("summary", {}, "More about it"), ...paragraphs(about.details))
      : "",
    fields.length
      ? form(
          fields,
          asMapping(stage.params, short, fields),
          (params) => changed(asWritten(params, short, stage.params)),
          `${stage.name} ${place}`,
        )
      : make("p.hint", {}, "It has no settings."),
    make("button.quiet", { onclick: shown, "data-focus": `line ${place}` }, `Show line ${stage.line}`),
  ];
}

/** @param {string} text */
const paragraphs = (text) =>
  text.split("\n\n").map((part) => make("p.hint", {}, ...code(part.replaceAll("\n", " "))));

/**
 * The parameters that the pipeline declares.
 * @param {Record<string, unknown> | null | undefined} params
 * @param {(params: Record<string, unknown>) => void} changed
 */
export function parameters(params, changed) {
  const all = Object.entries(params ?? {});
  if (!all.length) return make("span", { hidden: true });
  return make(
    "section.parameters",
    {},
    make("h2", {}, "Parameters"),
    make(
      "div.fields",
      {},
      ...all.map(([name, value]) => {
        const fault = make("p.fault", { role: "alert" });
        const input = make("input.yaml", {
          type: "text",
          value: flow(value),
          spellcheck: false,
          autocomplete: "off",
          "data-focus": `param ${name}`,
        });
        input.addEventListener("change", () => {
          try {
            fault.textContent = "";
            changed({ ...params, [name]: parseFlow(input.value) });
          } catch (error) {
            fault.textContent =
              error instanceof NotAValue ? `This is no YAML: ${error.message}` : String(error);
          }
        });
        return make("div.setting", {}, make("label.field-name", {}, name, input), fault);
      }),
    ),
  );
}

/**
 * @param {import("./schema.js").Schema} schema
 * @param {(stage: string) => void} added
 */
export function addStage(schema, added) {
  const stages = stagesOf(schema);
  const told = make("p.hint", { role: "status" }, "");
  const input = make("input", {
    type: "text",
    list: "stages-known",
    placeholder: "Name of a stage",
    "aria-label": "Stage to add",
    spellcheck: false,
    autocomplete: "off",
    "data-focus": "add stage",
  });
  const add = () => {
    const name = input.value.trim();
    if (stages.some((stage) => stage.name === name)) added(name);
    else
      told.textContent = name
        ? `There is no stage “${name}”. Choose one of the list.`
        : "Choose a stage of the list.";
  };
  input.addEventListener("input", () => {
    told.replaceChildren(...code(stages.find((stage) => stage.name === input.value.trim())?.about ?? ""));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") add();
    event.stopPropagation();
  });
  return make(
    "section.add-stage",
    {},
    make("h2", {}, "Add a stage"),
    make("div.tools.flat", {}, input, make("button", { onclick: add }, "Add")),
    told,
    make(
      "datalist",
      { id: "stages-known" },
      ...stages.map(({ name, about }) => make("option", { value: name, label: about.replaceAll("`", "") })),
    ),
  );
}
