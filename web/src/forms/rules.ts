/** Conditions of JSON Forms rules: a field fits a JSON Schema, or FEEL is true; joined by AND and OR. */
import type { ConditionSchema } from "./condition_schema.ts";
import { isObject } from "./fields/base.ts";
import { parseScope, type Template } from "./pointers.ts";

/** The value of a field fits a JSON Schema; a field without an answer never does. */
interface SchemaCondition {
  readonly kind: "schema";
  readonly path: Template;
  readonly schema: ConditionSchema;
}

/** A FEEL expression is exactly true. `depth`: how many steps of a path lead to where the rule lies. */
interface FeelCondition {
  readonly kind: "feel";
  readonly expression: string;
  readonly depth: number;
}

/** All of several conditions, or any of them. */
interface JoinedCondition {
  readonly kind: "AND" | "OR";
  readonly conditions: readonly Condition[];
}

export type Condition = SchemaCondition | FeelCondition | JoinedCondition;

/** When an element of the layout is shown, or may be filled in. */
export interface Rule {
  readonly effect: "SHOW" | "HIDE" | "ENABLE" | "DISABLE";
  readonly condition: Condition;
}

/** A rule as the form file writes it. In the layout of a row, `table` is the pointer's start: ["readings", "*"]. */
export function loadRule(rule: unknown, table: Template): Rule | null {
  if (!isObject(rule)) return null;
  return { effect: rule["effect"] as Rule["effect"], condition: loadCondition(rule["condition"], table) };
}

function loadCondition(condition: unknown, table: Template): Condition {
  if (!isObject(condition)) throw new Error("A rule without a condition.");
  const { feel, conditions, type, scope, schema } = condition;
  if (typeof feel === "string") return { kind: "feel", expression: feel, depth: table.length };
  if (Array.isArray(conditions)) {
    return {
      kind: type === "OR" ? "OR" : "AND",
      conditions: conditions.map((one) => loadCondition(one, table)),
    };
  }
  return {
    kind: "schema",
    path: [...table, ...(parseScope(String(scope)) ?? [])],
    schema: schema as ConditionSchema,
  };
}
