/**
 * One of several values.
 *
 * `enum` with `x-labels` (value -> text); or `x-choices`, FEEL that gives a list of values or of {value, label}
 * from the case: instruments in calibration, defect codes of the item.
 */
import {
  type Answer,
  computePlainly,
  type FieldType,
  isObject,
  type Json,
  lengthOf,
  type Schema,
  type Setting,
  Wrong,
} from "./base.ts";
import { requireVisible } from "./characters.ts";
import { LONGEST } from "./text.ts";

function read(submitted: Json, schema: Schema): Answer {
  if (typeof submitted !== "string") throw new Wrong("text_expected");
  requireVisible(submitted);
  const values = schema["enum"];
  if (lengthOf(submitted) > LONGEST || (Array.isArray(values) && !values.includes(submitted))) {
    throw new Wrong("not_a_choice");
  }
  return { record: submitted, value: submitted };
}

function judge(answer: Answer, schema: Schema, setting: Setting): null {
  if ("x-choices" in schema && !offered(setting("x-choices")).includes(answer.value)) {
    throw new Wrong("not_a_choice");
  }
  return null;
}

/** The values in a list of values or of contexts with a value; [] when it is no list. */
export function offered(choices: unknown): unknown[] {
  if (!Array.isArray(choices)) return [];
  return choices.map((one: unknown) => (isObject(one) ? (one["value"] ?? null) : one));
}

export const FIELD: FieldType = { name: "choice", read, judge, compute: computePlainly };
