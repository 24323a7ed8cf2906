/**
 * A lot number.
 *
 * `x-origin: "internal"` is ours: `[0-9A-Z-]`, at most 20. `"supplier"` is another's: kept as printed, what GS1
 * allows for AI 10 (character set 82, at most 20), full-width forms included; beside it stands `<name>_match`,
 * NFKC-normalised, to find the same lot again.
 *
 * `x-known` (FEEL) gives the number that the case expects, or several: one that differs from it only by look-alike
 * characters (O123, 0123) is recorded as it is, with a notice.
 */
import {
  type Answer,
  asWords,
  computePlainly,
  type FieldType,
  type Json,
  lengthOf,
  type Notice,
  type Schema,
  type Setting,
  Wrong,
} from "./base.ts";
import { lookAlike, normalised, requireCharacters } from "./characters.ts";

const INTERNAL = /^[0-9A-Z-]{1,20}$/;
const CHARACTER_SET_82 = /^[!"%-?A-Z_a-z]{1,20}$/;
const LONGEST = 20;

function read(submitted: Json, schema: Schema): Answer {
  if (typeof submitted !== "string") throw new Wrong("text_expected");
  if (schema["x-origin"] === "internal") {
    requireCharacters(submitted, INTERNAL, "internal_number_characters");
    return { record: submitted, value: submitted };
  }
  const match = normalised(submitted);
  if (lengthOf(submitted) > LONGEST || !CHARACTER_SET_82.test(match)) {
    throw new Wrong("supplier_number_characters");
  }
  return { record: submitted, value: submitted, beside: { _match: match } };
}

function judge(answer: Answer, schema: Schema, setting: Setting): Notice | null {
  const found = "x-known" in schema ? setting("x-known") : null;
  const known = (Array.isArray(found) ? (found as unknown[]) : [found])
    .filter((each) => each !== null && each !== undefined)
    .map(asWords);
  const said = asWords(answer.record);
  const alike = known.find((each) => lookAlike(said, each));
  if (alike === undefined || known.includes(said)) return null;
  return { code: "looks_alike", params: { value: said, known: alike } };
}

export const FIELD: FieldType = { name: "lot", read, judge, compute: computePlainly, beside: ["_match"] };
