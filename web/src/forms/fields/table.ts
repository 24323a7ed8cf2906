/**
 * Rows of the same fields: readings. `minItems`, `maxItems`; `x-rows`, FEEL, says how many exactly.
 *
 * `x-rows` gives a number (the sample size), or a list: one row for each of its elements, which the row's
 * expressions see as `source`. The rows' own fields are read like any other, not here.
 */
import {
  type Answer,
  computeNever,
  type FieldType,
  type Json,
  numberIn,
  type Schema,
  type Setting,
  Wrong,
} from "./base.ts";
import { whole } from "./limits.ts";

function read(submitted: Json): Answer {
  if (!Array.isArray(submitted)) throw new Wrong("list_expected");
  return { record: submitted, value: submitted };
}

function judge(answer: Answer, schema: Schema, setting: Setting): null {
  const found = (answer.record as readonly Json[]).length;
  if ("x-rows" in schema) {
    const expected = rowCount(setting("x-rows"));
    if (found !== expected) throw new Wrong("wrong_row_count", { expected, found });
  }
  const most = numberIn(schema, "maxItems", Number.POSITIVE_INFINITY);
  if (found > most) throw new Wrong("too_many_rows", { limit: most });
  const least = numberIn(schema, "minItems", 0);
  if (found < least) throw new Wrong("too_few_rows", { limit: least });
  return null;
}

/** How many rows a number or a list asks for. */
export function rowCount(rows: unknown): number {
  return Array.isArray(rows) ? rows.length : whole(rows, "rows_unknown");
}

export const FIELD: FieldType = { name: "table", read, judge, compute: computeNever };
