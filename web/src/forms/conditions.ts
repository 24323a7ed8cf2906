/**
 * Whether the condition of a rule is met. A condition on a field without an answer is false
 * (`failWhenUndefined`): JSON Schema validators take a missing value for a valid one, each in its own way.
 */
import { fits } from "./condition_schema.ts";
import { type Decided, evaluateAt } from "./deciding.ts";
import { beside, type Path, pointer } from "./pointers.ts";
import type { Condition } from "./rules.ts";

export function holds(condition: Condition, decided: Decided, path: Path): boolean {
  switch (condition.kind) {
    case "schema": {
      const answer = decided.answers.get(pointer(beside(condition.path, path)));
      return answer !== undefined && fits(answer.record, condition.schema);
    }
    case "feel":
      // A rule sees what is in its row or at the top, wherever the field it is about lies.
      return evaluateAt(decided, condition.expression, [...path.slice(0, condition.depth), ""]) === true;
    case "AND":
      return condition.conditions.every((one) => holds(one, decided, path));
    case "OR":
      return condition.conditions.some((one) => holds(one, decided, path));
  }
}
