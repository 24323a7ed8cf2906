/** Yes or no: a JSON boolean. `x-labels` may give other words for "true" and "false". */
import { type Answer, computePlainly, type FieldType, type Json, Wrong } from "./base.ts";

function read(submitted: Json): Answer {
  if (typeof submitted !== "boolean") throw new Wrong("yes_no_expected");
  return { record: submitted, value: submitted };
}

export const FIELD: FieldType = { name: "yes_no", read, compute: computePlainly };
