/**
 * An item, by its number; with `x-identifier: "gtin"` by its GTIN. Whether it exists is for the process to say:
 * a form does not know the ledger.
 */
import { type Answer, computePlainly, type FieldType, type Json, type Schema, Wrong } from "./base.ts";
import { requireCharacters } from "./characters.ts";

const NUMBER = /^[!-~](?:[ -~]{0,48}[!-~])?$/;
const GTIN = /^[0-9]{14}$/;

function read(submitted: Json, schema: Schema): Answer {
  if (typeof submitted !== "string") throw new Wrong("text_expected");
  if (schema["x-identifier"] !== "gtin") {
    requireCharacters(submitted, NUMBER, "item_characters");
  } else {
    requireCharacters(submitted, GTIN, "gtin_format");
    if (!gtinCheckDigitIsRight(submitted)) throw new Wrong("check_digit");
  }
  return { record: submitted, value: submitted };
}

/** Modulo 10, weights 3 and 1 (GS1 GS 7.9.1). Written here too: the form must not wait for the scanner's part. */
function gtinCheckDigitIsRight(gtin: string): boolean {
  let sum = 0;
  for (let at = 0; at < 13; at += 1) sum += Number(gtin[at]) * (at % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10 === Number(gtin[13]);
}

export const FIELD: FieldType = { name: "item", read, compute: computePlainly };
