/**
 * Limits beside a field, and what the form says about an answer outside of them.
 *
 * A measured value outside its specification must be recordable: the form says for each field whether such an
 * answer is refused (`x-out-of-limit: "refuse"`) or recorded with a notice ("accept").
 */
import { Decimal } from "../../feel/decimal.ts";

import type { Param } from "../texts.ts";
import { isObject, type Notice, type Schema, type Setting, Wrong } from "./base.ts";

/** What a limit expression gives to say that there is no limit; null means that it went wrong. */
const NO_LIMIT = "none";

/** The limit `keyword`, or null when the field has none. Throws Wrong("limit_unknown"). */
export function limitOf(keyword: string, schema: Schema, setting: Setting): unknown {
  if (!(keyword in schema)) return null;
  const limit = setting(keyword);
  // A misspelt name in an expression gives null too. No limit must be said, not happen.
  if (limit === null || limit === undefined) throw new Wrong("limit_unknown");
  return limit === NO_LIMIT ? null : limit;
}

/** Codes for too low and too high, refused; then for both, recorded all the same. */
export type LimitCodes = readonly [string, string, string, string];

/** Judge a value that lies `below` or `above` its limits, or neither. `shown` has the texts for the message. */
export function judgeAgainst(
  found: { readonly below: boolean; readonly above: boolean },
  schema: Schema,
  codes: LimitCodes,
  shown: { readonly value: Param; readonly low: Param; readonly high: Param },
): Notice | null {
  if (!found.below && !found.above) return null;
  const accepted = schema["x-out-of-limit"] === "accept";
  const code = found.below ? codes[accepted ? 2 : 0] : codes[accepted ? 3 : 1];
  const params = { value: shown.value, limit: found.below ? shown.low : shown.high };
  if (accepted) return { code, params };
  throw new Wrong(code, params);
}

/** An integer from a literal or a FEEL number. Throws Wrong(code) when it is none. */
export function whole(number: unknown, code: string): number {
  const found = Decimal.isDecimal(number) ? number.toNumber() : number;
  if (typeof found !== "number" || !Number.isInteger(found)) throw new Wrong(code);
  if (Decimal.isDecimal(number) && !number.isInteger()) throw new Wrong(code);
  return found;
}

/** A number as people read it: "12.5 mm". `unit` is a text, a text by language, or nothing. */
export function withUnit(number: string, unit: unknown): Param {
  if (typeof unit === "string" && unit !== "") return `${number} ${unit}`;
  if (isObject(unit)) {
    return { en: `${number} ${String(unit["en"])}`, zh: `${number} ${String(unit["zh"])}` };
  }
  return number;
}
