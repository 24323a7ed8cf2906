/** Words. `minLength`, `maxLength` (2,000 unless said), `pattern` with `x-pattern-text`, `x-multiline`. */
import {
  type Answer,
  computePlainly,
  type FieldType,
  type Json,
  lengthOf,
  numberIn,
  type Schema,
  Wrong,
} from "./base.ts";
import { requireVisible } from "./characters.ts";
import type { Param } from "../texts.ts";

/** Characters, when the form says nothing. */
export const LONGEST = 2000;

function read(submitted: Json, schema: Schema): Answer {
  if (typeof submitted !== "string") throw new Wrong("text_expected");
  requireVisible(submitted, schema["x-multiline"] === true);
  const length = lengthOf(submitted);
  const longest = numberIn(schema, "maxLength", LONGEST);
  if (length > longest) throw new Wrong("too_long", { limit: longest });
  const shortest = numberIn(schema, "minLength", 0);
  if (length < shortest) throw new Wrong("too_short", { limit: shortest });
  const pattern = schema["pattern"];
  if (typeof pattern === "string" && !compiled(pattern).test(submitted)) {
    throw new Wrong("pattern", { hint: schema["x-pattern-text"] as Param });
  }
  return { record: submitted, value: submitted };
}

const patterns = new Map<string, RegExp>();

/** Compile a pattern of a form once. The lint has made sure of ^ and $ and of what both dialects share. */
function compiled(pattern: string): RegExp {
  let found = patterns.get(pattern);
  if (found === undefined) {
    found = new RegExp(pattern, "u");
    patterns.set(pattern, found);
  }
  return found;
}

export const FIELD: FieldType = { name: "text", read, compute: computePlainly };
