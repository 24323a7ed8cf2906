/**
 * What a rule may ask of an answer: the few words of JSON Schema that form.schema.json allows in a condition
 * ("condition_schema"), with the meaning JSON Schema gives them. A general validator for six keywords would be
 * an eighth of all that a form loads.
 */
import type { Json } from "./fields/base.ts";

export interface ConditionSchema {
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly not?: ConditionSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
}

/** Whether an answer fits. Limits of numbers say nothing about texts, nor the length of lists about numbers. */
export function fits(answer: Json, schema: ConditionSchema): boolean {
  const { minimum, maximum, minItems } = schema;
  if (schema.const !== undefined && answer !== schema.const) return false;
  if (schema.enum !== undefined && !schema.enum.includes(answer)) return false;
  if (schema.not !== undefined && fits(answer, schema.not)) return false;
  if (typeof answer === "number") {
    return (minimum === undefined || answer >= minimum) && (maximum === undefined || answer <= maximum);
  }
  return !Array.isArray(answer) || minItems === undefined || answer.length >= minItems;
}
