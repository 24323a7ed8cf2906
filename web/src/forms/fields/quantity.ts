/**
 * A number with decimals, written as text so that no digit is lost: "12.50".
 *
 * `x-unit`, `x-decimals` (at most so many), `x-minimum`, `x-maximum`, `x-out-of-limit`.
 */
import { Decimal } from "../../feel/decimal.ts";

import { type Answer, asWords, type FieldType, type Json, type Schema, type Setting, Wrong } from "./base.ts";
import { normalised } from "./characters.ts";
import { judgeAgainst, type LimitCodes, limitOf, whole, withUnit } from "./limits.ts";

const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
const NEGATIVE_ZERO = /^-0(?:\.0+)?$/;

/** Significant ones: decimal128, as FEEL computes. */
const MOST_DIGITS = 34;

/** Digits written, the zeros of a small number included. */
const LONGEST = 60;

export const LIMIT_CODES: LimitCodes = ["below_minimum", "above_maximum", "recorded_below", "recorded_above"];

function read(submitted: Json, schema: Schema): Answer {
  if (typeof submitted !== "string") throw new Wrong("number_as_text_expected");
  const number = parseDecimal(submitted);
  if (number === null) {
    const narrow = normalised(submitted);
    if (parseDecimal(narrow) !== null) throw new Wrong("fullwidth", { suggestion: narrow });
    throw new Wrong("number_format");
  }
  const digits = submitted.replace(/[-.]/g, "");
  if (digits.replace(/^0+/, "").length > MOST_DIGITS || digits.length > LONGEST) {
    throw new Wrong("number_too_long", { limit: MOST_DIGITS });
  }
  const most = schema["x-decimals"];
  if (typeof most === "number") requireDecimals(submitted, most);
  return { record: submitted, value: number };
}

function requireDecimals(text: string, most: number): void {
  if ((text.split(".")[1] ?? "").length > most) throw new Wrong("too_many_decimals", { limit: most });
}

/** The number a decimal text writes, in the only way it may be written; null otherwise. */
export function parseDecimal(text: string): Decimal | null {
  return DECIMAL.test(text) && !NEGATIVE_ZERO.test(text) ? new Decimal(text) : null;
}

function judge(answer: Answer, schema: Schema, setting: Setting) {
  const number = answer.value as Decimal;
  if (typeof schema["x-decimals"] === "string") {
    requireDecimals(asWords(answer.record), whole(setting("x-decimals"), "limit_unknown"));
  }
  const low = numericLimit("x-minimum", schema, setting);
  const high = numericLimit("x-maximum", schema, setting);
  const unit = setting("x-unit");
  const below = low !== null && number.lessThan(low.number);
  return judgeAgainst(
    { below, above: high !== null && number.greaterThan(high.number) },
    schema,
    LIMIT_CODES,
    {
      value: withUnit(asWords(answer.record), unit),
      low: withUnit(low?.text ?? "", unit),
      high: withUnit(high?.text ?? "", unit),
    },
  );
}

export interface NumericLimit {
  readonly number: Decimal;
  /** Digits without an exponent. */
  readonly text: string;
}

/** A limit that is a number: text in the form, or a number that FEEL gave. */
export function numericLimit(keyword: string, schema: Schema, setting: Setting): NumericLimit | null {
  const limit = limitOf(keyword, schema, setting);
  if (limit === null) return null;
  const number = Decimal.isDecimal(limit) ? limit : parseDecimal(asWords(limit));
  if (number === null) throw new Wrong("limit_unknown");
  return { number, text: typeof limit === "string" ? limit : plain(number) };
}

/** Write a computed number: with x-decimals rounded half to even and filled up, else shortest. */
function compute(value: unknown, schema: Schema): Json {
  if (!Decimal.isDecimal(value) && typeof value !== "number") throw new Wrong("computed_unfit");
  const number = new Decimal(value);
  if (!number.isZero() && number.e > MOST_DIGITS) throw new Wrong("computed_unfit");
  const decimals = schema["x-decimals"];
  if (typeof decimals !== "number") return plain(number);
  return number.toDecimalPlaces(decimals, "half even").toFixed(decimals);
}

/** Digits without an exponent, no zeros at the end. */
export function plain(number: Decimal): string {
  return number.toFixed();
}

export const FIELD: FieldType = { name: "quantity", read, judge, compute };
