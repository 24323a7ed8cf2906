/**
 * The second pair of eyes: a JSON Schema validator (@cfworker/json-schema, which needs no eval), which knows nothing
 * of our field types, looks at what they have accepted. It comes after the form is on the screen; until then, and
 * at last, the server's own looks.
 */
import type { Schema as JsonSchema, Validator } from "@cfworker/json-schema";

import { isObject, type Schema } from "./fields/base.ts";
import { type FieldError, finding } from "./findings.ts";
import { parsePath } from "./pointers.ts";

let library: typeof import("@cfworker/json-schema") | undefined;
const validators = new WeakMap<Schema, Validator>();

/** Fetch the validator. */
export async function loadSecondOpinion(): Promise<void> {
  library ??= await import("@cfworker/json-schema");
}

/** What a JSON Schema validator finds in a record that our rules have accepted; nothing, if they are right. */
export function secondOpinion(schema: Schema, record: unknown): FieldError[] {
  if (library === undefined) return [];
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = new library.Validator(withoutRequired(schema) as JsonSchema, "2020-12", false);
    validators.set(schema, validator);
  }
  const { valid, errors } = validator.validate(record);
  if (valid) return [];
  // The validator also names each parent of what is wrong; only the innermost says something.
  return errors
    .filter((error) => !["properties", "items"].includes(error.keyword))
    .map((error) =>
      finding(parsePath(error.instanceLocation.slice(1)), "schema", { keyword: error.keyword }),
    );
}

/** The schema without `required`: whether an answer is due depends on what is visible. */
function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, member]) => !(key === "required" && Array.isArray(member)))
      .map(([key, member]) => [key, withoutRequired(member)]),
  );
}
