// @vitest-environment node
/** Our six keywords of conditions mean what a JSON Schema validator says they mean. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { expect, it } from "vitest";

import { type ConditionSchema, fits } from "../../src/forms/condition_schema.ts";
import type { Json } from "../../src/forms/fields/base.ts";

const ANSWERS: Json[] = ["a", "5", "", true, false, 0, 1, 5, 10, -3, [], ["a"], [1, 2, 3], { a: 1 }];
const SIMPLE: ConditionSchema[] = [
  { const: "a" },
  { const: true },
  { const: 5 },
  { enum: ["a", 1, false] },
  { minimum: 5 },
  { maximum: 1 },
  { minimum: 1, maximum: 5 },
  { minItems: 2 },
  { minimum: 3, minItems: 1 },
];
const SCHEMAS = [...SIMPLE, ...SIMPLE.map((schema) => ({ not: schema })), { not: { not: { const: 5 } } }];

it.each(SCHEMAS.map((schema) => [JSON.stringify(schema), schema] as const))("%s", (_text, schema) => {
  const validator = new Validator(schema as Schema, "2020-12");
  for (const answer of ANSWERS) {
    expect(fits(answer, schema), JSON.stringify(answer)).toBe(validator.validate(answer).valid);
  }
});
