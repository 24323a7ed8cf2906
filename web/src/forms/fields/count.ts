/** A number of things: a JSON integer. `x-unit`, `x-minimum`, `x-maximum`, `x-out-of-limit`. */
import { type Answer, type FieldType, type Json, type Schema, type Setting, Wrong } from "./base.ts";
import { judgeAgainst, limitOf, whole, withUnit } from "./limits.ts";
import { LIMIT_CODES } from "./quantity.ts";

function read(submitted: Json): Answer {
  if (typeof submitted !== "number" || !Number.isInteger(submitted)) throw new Wrong("whole_number_expected");
  if (!Number.isSafeInteger(submitted)) throw new Wrong("number_too_long", { limit: 15 });
  return { record: submitted, value: submitted };
}

function judge(answer: Answer, schema: Schema, setting: Setting) {
  const number = answer.value as number;
  const low = countLimit("x-minimum", schema, setting);
  const high = countLimit("x-maximum", schema, setting);
  const unit = setting("x-unit");
  const below = low !== null && number < low;
  return judgeAgainst({ below, above: high !== null && number > high }, schema, LIMIT_CODES, {
    value: withUnit(String(number), unit),
    low: withUnit(String(low), unit),
    high: withUnit(String(high), unit),
  });
}

export function countLimit(keyword: string, schema: Schema, setting: Setting): number | null {
  const limit = limitOf(keyword, schema, setting);
  return limit === null ? null : whole(limit, "limit_unknown");
}

export const FIELD: FieldType = {
  name: "count",
  read,
  judge,
  compute: (value) => whole(value, "computed_unfit"),
};
