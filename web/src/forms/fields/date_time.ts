/**
 * A moment with its offset: "2026-11-22T10:41:07+08:00", as RFC 3339 writes it.
 *
 * `x-minimum`, `x-maximum` (a moment or FEEL), `x-out-of-limit`; compared as moments, not as texts.
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
import { FIRST_YEAR, LIMIT_CODES, parseDate } from "./date.ts";
import { judgeAgainst, limitOf } from "./limits.ts";

const DATE_TIME =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

function read(submitted: Json): Answer {
  if (typeof submitted !== "string" || !DATE_TIME.test(submitted)) throw new Wrong("date_time_format");
  if (parseMoment(submitted) === null) throw new Wrong("no_such_date");
  return { record: submitted, value: submitted };
}

/** The moment in UTC with microseconds, so that texts sort as time does; null when none. */
export function parseMoment(text: string): string | null {
  const found = DATE_TIME.exec(text);
  if (found === null) return null;
  const [, day = "", hour, minute, second, fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = found;
  const inRange =
    isDay(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(offsetHour) < 24 &&
    Number(offsetMinute) < 60;
  if (!inRange) return null;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -1 : 1);
  const local = Date.parse(`${day}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}Z`);
  const utc = new Date(local - offset * 60_000);
  const year = utc.getUTCFullYear();
  if (year < FIRST_YEAR || year > 9999) return null;
  return `${utc.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0")}Z`;
}

/** Whether the calendar has this day; years before 1900 too, which the offset may still lift over the line. */
function isDay(day: string): boolean {
  return parseDate(day) !== null || (day >= "1899-12-31" && day < "1900");
}

function judge(answer: Answer, schema: Schema, setting: Setting) {
  const limits = [limitOf("x-minimum", schema, setting), limitOf("x-maximum", schema, setting)] as const;
  const moment = parseMoment(asWords(answer.record)) ?? "";
  const low = momentLimit(limits[0]);
  const high = momentLimit(limits[1]);
  const below = low !== null && moment < low;
  return judgeAgainst({ below, above: high !== null && moment > high }, schema, LIMIT_CODES, {
    value: asWords(answer.record),
    low: asWords(limits[0]),
    high: asWords(limits[1]),
  });
}

function momentLimit(limit: unknown): string | null {
  if (limit === null) return null;
  const moment = typeof limit === "string" ? parseMoment(limit) : null;
  if (moment === null) throw new Wrong("limit_unknown");
  return moment;
}

export const FIELD: FieldType = { name: "date_time", read, judge, compute: computePlainly };
