/** The values of FEEL on the device: the twin of forms/feel/values.py. */
import { Decimal, fit, isNumber } from "./decimals.ts";
import { Duration, formatDuration, formatMoment, instant, Moment, NANOS } from "./temporal.ts";

export type Value =
  null | boolean | string | Decimal | readonly Value[] | Context | Moment | Duration | Range | FeelFunction;
/** A context keeps the order of its entries, whatever their names. */
export type Context = ReadonlyMap<string, Value>;

/** start..end; `op` is "" for an interval, or the sign of a one-sided test such as (< 10). */
export class Range {
  readonly start: Value;
  readonly end: Value;
  readonly startIncluded: boolean;
  readonly endIncluded: boolean;
  readonly op: string;

  constructor(start: Value, end: Value, startIncluded: boolean, endIncluded: boolean, op = "") {
    this.start = start;
    this.end = end;
    this.startIncluded = startIncluded;
    this.endIncluded = endIncluded;
    this.op = op;
  }
}

export class FeelFunction {
  readonly parameters: readonly string[];
  readonly call: (budget: Budget, values: readonly Value[]) => Value;

  constructor(parameters: readonly string[], call: FeelFunction["call"]) {
    this.parameters = parameters;
    this.call = call;
  }
}

/** An evaluation passed a bound ("steps", "depth" or "size") and was stopped. */
export class FeelLimitExceeded extends Error {
  readonly limit: "steps" | "depth" | "size";

  constructor(limit: FeelLimitExceeded["limit"]) {
    super(`the expression needs more ${limit} than one evaluation may use`);
    this.limit = limit;
  }
}

/** A value handed in from outside is none of FEEL's. */
export class FeelValueRefused extends TypeError {}

/** What one evaluation may still use. */
export class Budget {
  steps: number;
  depth: number;
  readonly size: number;
  readonly now: Moment | null;

  constructor(steps: number, size: number, depth: number, now: Moment | null) {
    this.steps = steps;
    this.size = size;
    this.depth = depth;
    this.now = now;
  }

  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw new FeelLimitExceeded("steps");
  }

  checkSize(size: number): void {
    if (size > this.size) throw new FeelLimitExceeded("size");
  }

  /** Check a text that was made, and pay for it. */
  text(text: string): string {
    if (text.length >= 1000 || text.length > this.size) {
      const size = Array.from(text).length;
      this.checkSize(size);
      this.spend(Math.floor(size / 1000));
    }
    return text;
  }
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isContext = (value: Value): value is Context => value instanceof Map;
export const not = (value: boolean | null): boolean | null => (value === null ? null : !value);

/** The FEEL name of the type of a value. */
export function kindOf(value: Value): string {
  if (value === null) return "null";
  if (isNumber(value)) return "number";
  if (isList(value)) return "list";
  if (isContext(value)) return "context";
  if (value instanceof Range) return "range";
  if (value instanceof FeelFunction) return "function";
  return value instanceof Moment || value instanceof Duration ? value.kind : typeof value;
}

/** The FEEL value of plain JSON, of any Decimal, and of FEEL values themselves. */
export function fromJson(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint" || Number.isFinite(value))
    return number(new Decimal(value as number | bigint));
  if (Array.isArray(value)) return value.map(fromJson);
  if (isNumber(value)) return number(value);
  if (
    value instanceof Moment ||
    value instanceof Duration ||
    value instanceof Range ||
    value instanceof FeelFunction
  ) {
    return value;
  }
  if (typeof value !== "object") throw new FeelValueRefused(`${typeof value} is no FEEL value`);
  const entries = value instanceof Map ? value : Object.entries(value);
  return new Map(Array.from(entries as Iterable<[string, unknown]>, ([key, item]) => [key, fromJson(item)]));
}

function number(value: Decimal): Decimal {
  const fitting = fit(value);
  if (fitting === null) throw new FeelValueRefused(`${value.toString()} is no number of FEEL`);
  return fitting;
}

/** Plain JSON, numbers kept as Decimal (which JSON.stringify writes as text). */
export function toJson(value: Value): unknown {
  if (isList(value)) return value.map(toJson);
  if (isContext(value)) return Object.fromEntries(Array.from(value, ([key, item]) => [key, toJson(item)]));
  if (value === null || typeof value === "boolean" || isNumber(value)) return value;
  return value instanceof FeelFunction ? null : textOf(value);
}

/** What string() gives; inside lists, contexts and ranges texts are `quoted`. */
export function textOf(value: Value, budget?: Budget, quoted = false): string {
  budget?.spend(1);
  const inner = (item: Value): string => textOf(item, budget, true);
  if (value === null || typeof value === "boolean") return String(value);
  if (isNumber(value)) return value.toFixed();
  if (typeof value === "string") return quoted ? `"${value.replace(/[\\"]/g, "\\$&")}"` : value;
  if (isList(value)) return `[${value.map(inner).join(", ")}]`;
  if (isContext(value)) return `{${Array.from(value, ([key, item]) => `${key}: ${inner(item)}`).join(", ")}}`;
  if (value instanceof Moment) return formatMoment(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof FeelFunction) return `function(${value.parameters.join(", ")})`;
  if (value.op) return `(${value.op}${inner(value.end ?? value.start)})`;
  const ends = `${inner(value.start)}..${inner(value.end)}`;
  return (value.startIncluded ? "[" : "(") + ends + (value.endIncluded ? "]" : ")");
}

// --- equality and order

/** a = b: null equals null only; values of unlike types are neither equal nor unequal (null). */
export function equal(budget: Budget, a: Value, b: Value): boolean | null {
  if (a === null || b === null) return a === b;
  if (isNumber(a)) return isNumber(b) ? a.equals(b) : null;
  if (typeof a !== "object") return typeof a === typeof b ? a === b : null;
  if (kindOf(a) !== kindOf(b)) return null;
  if (isList(a)) return equalLists(budget, a, b as readonly Value[]);
  if (isContext(a)) return equalContexts(budget, a, b as Context);
  if (a instanceof Range) return equalRanges(budget, a, b as Range);
  const left = orderKey(a);
  const right = orderKey(b);
  return left && right && left[0] === right[0] ? left[1] === right[1] : null;
}

function equalLists(budget: Budget, a: readonly Value[], b: readonly Value[]): boolean | null {
  if (a.length !== b.length) return false;
  budget.spend(a.length);
  let known: true | null = true;
  for (const [index, left] of a.entries()) {
    const same = equal(budget, left, b[index] as Value);
    if (same === false) return false;
    if (same === null) known = null;
  }
  return known;
}

function equalContexts(budget: Budget, a: Context, b: Context): boolean | null {
  if (a.size !== b.size || Array.from(a.keys()).some((key) => !b.has(key))) return false;
  const keys = Array.from(a.keys());
  return equalLists(
    budget,
    keys.map((key) => a.get(key) as Value),
    keys.map((key) => b.get(key) as Value),
  );
}

function equalRanges(budget: Budget, a: Range, b: Range): boolean | null {
  if (a.op !== b.op || a.startIncluded !== b.startIncluded || a.endIncluded !== b.endIncluded) return false;
  return equalLists(budget, [a.start, a.end], [b.start, b.end]);
}

/** a < b; null for unlike or unordered types. Texts by code point. */
export function less(a: Value, b: Value): boolean | null {
  if (isNumber(a)) return isNumber(b) ? a.lessThan(b) : null;
  if (typeof a === "string") return typeof b === "string" ? textLess(a, b) : null;
  if (kindOf(a) !== kindOf(b)) return null;
  const left = orderKey(a);
  const right = orderKey(b);
  return left && right && left[0] === right[0] ? left[1] < right[1] : null;
}

/** By code point: UTF-16 puts 🚚 before ﷺ, which comes first by number. */
function textLess(a: string, b: string): boolean {
  const size = Math.min(a.length, b.length);
  for (let at = 0; at < size; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return codeOrder(left) < codeOrder(right);
  }
  return a.length < b.length;
}

/** Half characters (0xD800 to 0xDFFF) stand for code points above all others. */
const codeOrder = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/** What may be compared with what, and by which whole number. */
function orderKey(value: Value): [string, bigint | number] | null {
  if (value instanceof Duration) return ["", value.amount];
  if (!(value instanceof Moment)) return null;
  if (value.kind === "date") return ["", value.days];
  if (value.kind === "date and time") return [value.offset === null ? "local" : "instant", instant(value)];
  if (value.zone !== null) return [value.zone, value.nanos];
  if (value.offset === null) return ["local", value.nanos];
  return ["offset", value.nanos - value.offset * NANOS];
}

/** Whether `value` lies in the range; null when it cannot be compared with the ends. */
export function contains(budget: Budget, range: Range, value: Value): boolean | null {
  if (value === null) return null;
  if (range.op === "=" || range.op === "!=") {
    const same = equal(budget, value, range.start);
    return range.op === "=" ? same : not(same);
  }
  return both(beyond(range.start, value, range.startIncluded), beyond(value, range.end, range.endIncluded));
}

/** Three-valued and. */
export const both = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true;

function beyond(low: Value, high: Value, included: boolean): boolean | null {
  if (low === null || high === null) return true;
  return included ? not(less(high, low)) : less(low, high);
}
