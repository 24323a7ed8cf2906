/**
 * Several of some values: a list of texts, each once.
 *
 * The values stand in `items` as `enum`, with `x-labels` (value -> text); or `x-choices`, FEEL that gives them from
 * the case as for a choice. `minItems` and `maxItems` say how many are asked for.
 */
import {
  type Answer,
  computePlainly,
  type FieldType,
  isObject,
  type Json,
  lengthOf,
  numberIn,
  type Schema,
  type Setting,
  Wrong,
} from "./base.ts";
import { requireVisible } from "./characters.ts";
import { offered } from "./choice.ts";
import { LONGEST } from "./text.ts";

function read(submitted: Json, schema: Schema): Answer {
  if (!Array.isArray(submitted)) throw new Wrong("list_expected");
  const values = listed(schema);
  const seen = new Set<string>();
  for (const one of submitted as readonly Json[]) {
    if (typeof one !== "string") throw new Wrong("text_expected");
    requireVisible(one);
    if (lengthOf(one) > LONGEST || (values !== null && !values.includes(one)))
      throw new Wrong("not_a_choice");
    if (seen.has(one)) throw new Wrong("choice_twice");
    seen.add(one);
  }
  return { record: submitted, value: submitted };
}

function judge(answer: Answer, schema: Schema, setting: Setting): null {
  const chosen = answer.record as readonly Json[];
  if ("x-choices" in schema) {
    const values = offered(setting("x-choices"));
    if (chosen.some((one) => !values.includes(one))) throw new Wrong("not_a_choice");
  }
  const least = numberIn(schema, "minItems", 0);
  if (chosen.length < least) throw new Wrong("too_few_choices", { limit: least });
  const most = numberIn(schema, "maxItems", Infinity);
  if (chosen.length > most) throw new Wrong("too_many_choices", { limit: most });
  return null;
}

/** The values that stand in the form; null when the case gives them. */
export function listed(schema: Schema): readonly unknown[] | null {
  const values = isObject(schema["items"]) ? schema["items"]["enum"] : null;
  return Array.isArray(values) ? (values as readonly unknown[]) : null;
}

export const FIELD: FieldType = { name: "choices", read, judge, compute: computePlainly };
