/**
 * A calendar date: "2026-11-22". Not a moment: it has no zone.
 *
 * `x-precision: "any"` also takes a month ("2026-11"), as labels print it; the value is then its last day, and
 * beside it `<name>_precision` "day" or "month". `x-minimum`, `x-maximum` (a date or FEEL), `x-out-of-limit`.
 */
import {
  type Answer,
  asWords,
  computePlainly,
  type FieldType,
  type Json,
  type Schema,
  type Setting,
  Wrong,
} from "./base.ts";
import { judgeAgainst, type LimitCodes, limitOf } from "./limits.ts";

const DATE = /^([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?$/;
export const LIMIT_CODES: LimitCodes = ["too_early", "too_late", "recorded_early", "recorded_late"];
export const FIRST_YEAR = 1900;

function read(submitted: Json, schema: Schema): Answer {
  const anyPrecision = schema["x-precision"] === "any";
  const found = typeof submitted === "string" ? DATE.exec(submitted) : null;
  if (found === null || (found[3] === undefined && !anyPrecision)) {
    throw new Wrong(anyPrecision ? "date_or_month_format" : "date_format");
  }
  const day = parseDate(found[0]);
  if (day === null) throw new Wrong("no_such_date");
  if (!anyPrecision) return { record: submitted, value: day };
  return { record: submitted, value: day, beside: { _precision: found[3] === undefined ? "month" : "day" } };
}

/** The ISO date of "2026-11-22", or the last day of "2026-11"; null when there is none. */
export function parseDate(text: string): string | null {
  const found = DATE.exec(text);
  if (found === null) return null;
  const year = Number(found[1]);
  const month = Number(found[2]);
  if (year < FIRST_YEAR || month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const day = found[3] === undefined ? last : Number(found[3]);
  if (day < 1 || day > last) return null;
  return `${found[1] ?? ""}-${found[2] ?? ""}-${String(day).padStart(2, "0")}`;
}

function judge(answer: Answer, schema: Schema, setting: Setting) {
  const day = answer.value as string;
  const low = dateLimit("x-minimum", schema, setting);
  const high = dateLimit("x-maximum", schema, setting);
  const below = low !== null && day < low;
  return judgeAgainst({ below, above: high !== null && day > high }, schema, LIMIT_CODES, {
    value: asWords(answer.record),
    low: low ?? "",
    high: high ?? "",
  });
}

export function dateLimit(keyword: string, schema: Schema, setting: Setting): string | null {
  const limit = limitOf(keyword, schema, setting);
  if (limit === null) return null;
  // A moment counts as the day it is written with.
  const day = typeof limit === "string" ? parseDate(limit.slice(0, 10)) : null;
  if (day === null) throw new Wrong("limit_unknown");
  return day;
}

export const FIELD: FieldType = {
  name: "date",
  read,
  judge,
  compute: computePlainly,
  beside: ["_precision"],
};
