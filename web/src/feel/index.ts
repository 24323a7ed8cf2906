/**
 * FEEL on the device: evaluates the trees that the server parsed (forms/feel), with the same answers.
 * There is no parser here. forms/feel/README.md says what the language is.
 */
import { Compiler, type Code, type Frame, type Node } from "./compile.ts";
import { Moment, parseDateTime } from "./temporal.ts";
import { Budget, FeelLimitExceeded, fromJson, type Value } from "./values.ts";

export { Decimal } from "./decimal.ts";
export { Duration, Moment } from "./temporal.ts";
export {
  FeelFunction,
  FeelLimitExceeded,
  FeelValueRefused,
  fromJson,
  Range,
  textOf,
  toJson,
  type Context,
  type Value,
} from "./values.ts";
export type { Node };

/** ["feel/1", node], as the server stores it with the form or the definition. */
export type Tree = readonly [version: "feel/1", node: Node];
/** The values of names: JSON, Decimals, FEEL values; what is missing is null. */
export type Scope = Readonly<Record<string, unknown>>;

export interface Options {
  /** What now() and today() tell: a Date, or ISO text with an offset. Without it they are null. */
  readonly now?: Date | string;
  readonly steps?: number;
  readonly depth?: number;
  readonly size?: number;
}

interface Program {
  readonly code: Code;
  readonly free: ReadonlyMap<string, number>;
  readonly slots: number;
}

const programs = new WeakMap<Tree, Program>();

function programOf(tree: Tree): Program {
  let program = programs.get(tree);
  if (!program) {
    if ((tree[0] as string) !== "feel/1") throw new TypeError("this is no tree of feel/1");
    const compiler = new Compiler();
    program = { code: compiler.code(tree[1]), free: compiler.free, slots: compiler.slots };
    programs.set(tree, program);
  }
  return program;
}

/**
 * The value of a tree in a scope. What has no answer is null; FeelLimitExceeded is thrown when the evaluation
 * passes a bound, FeelValueRefused for a value of the scope that is none of FEEL's.
 */
export function evaluate(tree: Tree, scope: Scope, options: Options = {}): Value {
  const { code, free, slots } = programOf(tree);
  const { now, steps = 200_000, size = 100_000, depth = 40 } = options;
  const frame = new Array<Value>(slots).fill(null) as unknown as Frame;
  frame[0] = new Budget(steps, size, depth, now === undefined ? null : momentOf(now));
  for (const [name, slot] of free) {
    if (Object.hasOwn(scope, name)) (frame[slot] as Value) = fromJson(scope[name]);
  }
  try {
    return code(frame);
  } catch (error) {
    if (error instanceof RangeError) throw new FeelLimitExceeded("depth");
    throw error;
  }
}

function momentOf(now: Date | string): Moment | null {
  return parseDateTime(typeof now === "string" ? now : now.toISOString());
}
