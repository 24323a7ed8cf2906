/**
 * FEEL inside a form: what an expression sees, and what becomes of its result.
 *
 * An expression sees the fields beside it by name, then those around it, then the case. In a row of a table it
 * also sees `row_number` (from 1) and `source` (the element of `x-rows` the row stands for). The case as a whole
 * is `context`. A field without an answer is null, and hides a variable of its name.
 */
import { evaluate, FeelLimitExceeded, toJson, type Tree as FeelTree } from "../feel/index.ts";
import { type Path, pointer } from "./pointers.ts";

/** Values by name, as they are filled in. */
export type Tree = Record<string | number, unknown>;

/** The names that an expression at `path` sees. */
export function scopeAt(
  path: Path,
  context: Readonly<Record<string, unknown>>,
  values: Tree,
  sources: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const scope: Record<string, unknown> = { ...context, context, ...values };
  let inner: unknown = values;
  for (const [at, step] of path.slice(0, -1).entries()) {
    inner = (inner as Tree)[step];
    if (typeof step === "number") {
      const rows = sources.get(pointer(path.slice(0, at)));
      scope["source"] = Array.isArray(rows) ? ((rows as unknown[])[step] ?? null) : null;
      scope["row_number"] = step + 1;
    }
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) Object.assign(scope, inner);
  }
  return scope;
}

/** Evaluate to plain JSON with Decimals; null when the expression needs more than it may. */
export function resultOf(tree: unknown, scope: Readonly<Record<string, unknown>>, now: string): unknown {
  try {
    return toJson(evaluate(tree as FeelTree, scope, { now }));
  } catch (error) {
    if (error instanceof FeelLimitExceeded) return null;
    throw error;
  }
}

/** Whether the value of a keyword is FEEL ("= …") rather than itself. */
export function isExpression(setting: unknown): setting is string {
  return typeof setting === "string" && setting.startsWith("=");
}

/** The FEEL of a keyword's value. */
export function expressionIn(setting: string): string {
  return setting.slice(1).trim();
}
