/**
 * A lot number.
 *
 * `x-origin: "internal"` is ours: `[0-9A-Z-]`, at most 20. `"supplier"` is another's: kept as printed, what GS1
 * allows for AI 10 (character set 82, at most 20), full-width forms included; beside it stands `<name>_match`,
 * NFKC-normalised, to find the same lot again.
 */
import {
  type Answer,
  computePlainly,
  type FieldType,
  type Json,
  lengthOf,
  type Schema,
  Wrong,
} from "./base.ts";
import { normalised, requireCharacters } from "./characters.ts";

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

export const FIELD: FieldType = { name: "lot", read, compute: computePlainly, beside: ["_match"] };
