/** Layouts: one below the other, side by side where there is room, a group with its heading; and plain words. */
import type { UISchemaElement } from "@jsonforms/core";
import { JsonFormsDispatch } from "@jsonforms/react";
import { type ReactNode, useId } from "react";

import { controlOf } from "../controls/index.ts";
import { evaluateAt, settingAt, standingBy } from "../deciding.ts";
import { asWords, type Json } from "../fields/base.ts";
import { useDecided, useSeen } from "../form_context.tsx";
import type { UiElement } from "../model.ts";
import type { Path } from "../pointers.ts";
import { loadRule, type Rule } from "../rules.ts";
import { asText } from "../screen.ts";
import type { Text } from "../texts.ts";
import { unitIn } from "../units.ts";
import { textIn } from "../wording.ts";
import { word } from "../words.ts";
import { type RendererProps, rowOf } from "./placed.ts";
import { expressionIn } from "../evaluation.ts";

const rules = new WeakMap<UiElement, Rule | null>();

/** Whether the rule of an element of the layout shows it. */
export function useIsShown(element: UiElement, row: Path): boolean {
  const decided = useDecided();
  let rule = rules.get(element);
  if (rule === undefined) {
    rule = loadRule(
      element.rule,
      row.map((step) => (typeof step === "number" ? "*" : step)),
    );
    rules.set(element, rule);
  }
  if (rule === null || decided === null) return true;
  return standingBy([rule], decided, [...row, ""]).shown;
}

/** Everything inside an element. */
export function Inside({ uischema, schema, path }: RendererProps): ReactNode {
  return (uischema.elements ?? []).map((element, at) => (
    <JsonFormsDispatch
      key={at}
      uischema={element as unknown as UISchemaElement}
      schema={schema}
      path={path ?? ""}
    />
  ));
}

export function VerticalRenderer(props: RendererProps): ReactNode {
  if (!useIsShown(props.uischema, rowOf(props.path))) return null;
  return (
    <div className="form-stack">
      <Inside {...props} />
    </div>
  );
}

export function HorizontalRenderer(props: RendererProps): ReactNode {
  if (!useIsShown(props.uischema, rowOf(props.path))) return null;
  return (
    <div className="form-beside">
      <Inside {...props} />
    </div>
  );
}

export function GroupRenderer(props: RendererProps): ReactNode {
  const id = useId();
  const { language } = useSeen();
  if (!useIsShown(props.uischema, rowOf(props.path))) return null;
  return (
    <div className="form-group" role="group" aria-labelledby={id}>
      <h2 id={id}>{textIn(language, props.uischema.label ?? "")}</h2>
      <div className="form-stack">
        <Inside {...props} />
      </div>
    </div>
  );
}

export function LabelRenderer({ uischema, path }: RendererProps): ReactNode {
  const { language } = useSeen();
  if (!useIsShown(uischema, rowOf(path))) return null;
  return <p className="form-words">{textIn(language, uischema.text ?? "")}</p>;
}

/** A value of the case, shown and not entered: what the person needs to know to do the work. */
export function DisplayRenderer({ uischema, path }: RendererProps): ReactNode {
  const { language } = useSeen();
  const decided = useDecided();
  const row = rowOf(path);
  if (!useIsShown(uischema, row) || decided === null) return null;
  const at = [...row, ""];
  const from = uischema["x-from"];
  const value = typeof from === "string" ? evaluateAt(decided, expressionIn(from), at) : null;
  const unit = asText(settingAt(decided, uischema, "x-unit", at));
  return (
    <dl className="form-display">
      <dt>{textIn(language, uischema.label ?? "")}</dt>
      <dd>
        {value === null || (Array.isArray(value) && value.length === 0) ? (
          word(language, "nothing")
        ) : isOurPage(uischema, value) ? (
          <a href={value} target="_blank" rel="noreferrer">
            {textIn(language, uischema["x-link"] as Text)}
          </a>
        ) : (
          shownValue(uischema, value, unit, language)
        )}
      </dd>
    </dl>
  );
}

/** A page of this server, and of no other: a form cannot lead anybody away. */
function isOurPage(element: UiElement, value: unknown): value is string {
  return element["x-link"] !== undefined && typeof value === "string" && /^\/api\/[\w./-]+$/.test(value);
}

function shownValue(element: UiElement, value: unknown, unit: Text | null, language: "zh" | "en"): string {
  if (Array.isArray(value)) return value.map((one) => shownValue(element, one, unit, language)).join(", ");
  const labels = element["x-labels"] as Readonly<Record<string, Text>> | undefined;
  const label = labels?.[String(value)] ?? asText(typeof value === "object" ? value : null);
  if (label !== null) return label[language];
  const plain: Json = typeof value === "boolean" || typeof value === "string" ? value : String(value);
  const settings = { unit: unitIn(language, unit), low: "", high: "", choices: [] };
  const kind = typeof value === "boolean" ? "yes_no" : asWords(element["x-field"] ?? "text");
  const shown = controlOf(kind).shown(plain, settings, language);
  return settings.unit === "" || kind === "quantity" || kind === "count"
    ? shown
    : `${shown} ${settings.unit}`;
}
