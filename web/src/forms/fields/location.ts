/** A place in the warehouse, by its code. Whether it exists is for the process to say. */
import { type Answer, computePlainly, type FieldType, type Json, Wrong } from "./base.ts";
import { requireCharacters } from "./characters.ts";

const CODE = /^[0-9A-Z][0-9A-Z._/-]{0,29}$/;

function read(submitted: Json): Answer {
  if (typeof submitted !== "string") throw new Wrong("text_expected");
  requireCharacters(submitted, CODE, "location_characters");
  return { record: submitted, value: submitted };
}

export const FIELD: FieldType = { name: "location", read, compute: computePlainly };
