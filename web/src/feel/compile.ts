/**
 * Turns a tree into nested functions of a frame: the twin of forms/feel/frames.py and forms/feel/operations.
 * frame[0] is the budget of the evaluation, the other slots hold names.
 */
import { add, Decimal, divide, isNumber, multiply, parseNumber, power, subtract, whole } from "./decimals.ts";
import { asList, builtin, isBuiltin } from "./functions.ts";
import {
  civilFromDays,
  daysTime,
  Duration,
  instant,
  later,
  Moment,
  NANOS,
  parseTemporal,
  partsOf,
  weekday,
  yearsMonths,
} from "./temporal.ts";
import {
  both,
  type Budget,
  contains,
  type Context,
  equal,
  FeelFunction,
  FeelLimitExceeded,
  isContext,
  isList,
  kindOf,
  less,
  not,
  Range,
  type Value,
} from "./values.ts";

/** null, true, false, a text, or [operation, …]; forms/feel/README.md lists them. */
export type Node = null | boolean | string | readonly Node[];
export type Frame = [Budget, ...Value[]];
export type Code = (frame: Frame) => Value;
/** The names a place can see, innermost last; the name null stands for the item of a filter. */
type Scope = readonly (readonly [name: string | null, slot: number])[];
type Operation = (compiler: Compiler, parts: readonly Node[], scope: Scope) => Code;
type Test = (frame: Frame, value: Value) => boolean | null;
type Source = readonly [slot: number, items: (frame: Frame) => readonly Value[] | null];

const constant =
  (value: Value): Code =>
  () =>
    value;
const read = (frame: Frame, slot: number): Value => frame[slot] as Value;
const write = (frame: Frame, slot: number, value: Value): Value => ((frame[slot] as Value) = value);

export class Compiler {
  readonly free = new Map<string, number>();
  slots = 1;

  freeSlot(name: string): number {
    let slot = this.free.get(name);
    if (slot === undefined) {
      slot = this.slots++;
      this.free.set(name, slot);
    }
    return slot;
  }

  code(node: Node, scope: Scope = []): Code {
    if (!isNodes(node)) return constant(node);
    const [name, ...parts] = node;
    const operation = OPERATIONS.get(name as string);
    if (!operation) throw new TypeError(`this tree has an unknown operation ${String(name)}`);
    return operation(this, parts, scope);
  }

  codes(nodes: readonly Node[], scope: Scope): Code[] {
    return nodes.map((node) => this.code(node, scope));
  }
}

const isNodes = (node: Node | undefined): node is readonly Node[] => Array.isArray(node);

// --- names, literals

function name(compiler: Compiler, [wanted]: readonly Node[], scope: Scope): Code {
  const items: number[] = [];
  let slot: number | undefined;
  for (const [bound, at] of scope.slice().reverse()) {
    if (bound === wanted || (bound === null && wanted === "item")) {
      slot = at;
      break;
    }
    if (bound === null) items.push(at);
  }
  const found = slot ?? compiler.freeSlot(wanted as string);
  if (!items.length) return (frame) => read(frame, found);
  return (frame) => {
    for (const at of items) {
      const item = read(frame, at);
      const entry = isContext(item) ? item.get(wanted as string) : undefined;
      if (entry !== undefined) return entry;
    }
    return read(frame, found);
  };
}

function context(compiler: Compiler, parts: readonly Node[], scope: Scope): Code {
  let inner = scope;
  const entries = parts.map((part) => {
    const [key, value] = part as [string, Node];
    const code = compiler.code(value, inner);
    const slot = compiler.slots++;
    inner = [...inner, [key, slot]];
    return [key, slot, code] as const;
  });
  return (frame) =>
    new Map(entries.map(([key, slot, code]) => [key, write(frame, slot, code(frame))] as const));
}

function range(compiler: Compiler, [opening, start, end, closing]: readonly Node[], scope: Scope): Code {
  const [first, last] = compiler.codes([start as Node, end as Node], scope) as [Code, Code];
  return (frame) => {
    const [low, high] = [first(frame), last(frame)];
    return less(low, high) === null ? null : new Range(low, high, opening === true, closing === true);
  };
}

function oneSided(compiler: Compiler, [op, bound]: readonly Node[], scope: Scope): Code {
  const sign = op as string;
  const code = compiler.code(bound as Node, scope);
  return (frame) => {
    const value = code(frame);
    if (value === null) return null;
    return new Range(
      sign.startsWith("<") ? null : value,
      sign.startsWith(">") ? null : value,
      sign === ">=" || sign === "=",
      sign === "<=" || sign === "=",
      sign,
    );
  };
}

// --- operators

function binary(compute: (budget: Budget, a: Value, b: Value) => Value): Operation {
  return (compiler, parts, scope) => {
    const [left, right] = compiler.codes(parts, scope) as [Code, Code];
    return (frame) => compute(frame[0], left(frame), right(frame));
  };
}

const isDay = (value: Value): value is Moment => value instanceof Moment && value.kind !== "time";

function addValues(budget: Budget, a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) return add(a, b);
  if (typeof a === "string" && typeof b === "string") return budget.text(a + b);
  if (a instanceof Duration && b instanceof Duration) return sum(a, b, 1n);
  if (a instanceof Moment && b instanceof Duration) return later(a, b, 1n);
  return a instanceof Duration && b instanceof Moment ? later(b, a, 1n) : null;
}

function sum(a: Duration, b: Duration, sign: bigint): Duration | null {
  return a.kind === b.kind ? alike(a, a.amount + sign * b.amount) : null;
}

const alike = (like: Duration, amount: bigint): Duration | null =>
  like.kind === "days and time duration" ? daysTime(amount) : yearsMonths(amount);

function subtractValues(_: Budget, a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) return subtract(a, b);
  if (a instanceof Duration && b instanceof Duration) return sum(a, b, -1n);
  if (!(a instanceof Moment)) return null;
  if (b instanceof Duration) return later(a, b, -1n);
  if (!(b instanceof Moment)) return null;
  if (isDay(a) && isDay(b)) {
    const unlike = a.kind === b.kind && (a.offset === null) !== (b.offset === null);
    return unlike ? null : daysTime(instant(a) - instant(b));
  }
  if (a.kind !== b.kind || a.zone !== b.zone || (a.offset === null) !== (b.offset === null)) return null;
  return daysTime(BigInt(a.nanos - b.nanos - ((a.offset ?? 0) - (b.offset ?? 0)) * NANOS));
}

function multiplyValues(_: Budget, a: Value, b: Value): Value {
  if (isNumber(a))
    return isNumber(b) ? multiply(a, b) : b instanceof Duration ? scaled(b, multiply(amount(b), a)) : null;
  return a instanceof Duration && isNumber(b) ? scaled(a, multiply(amount(a), b)) : null;
}

function divideValues(_: Budget, a: Value, b: Value): Value {
  if (isNumber(a)) return isNumber(b) ? divide(a, b) : null;
  if (!(a instanceof Duration)) return null;
  if (isNumber(b)) return scaled(a, divide(amount(a), b));
  return b instanceof Duration && a.kind === b.kind ? divide(amount(a), amount(b)) : null;
}

const amount = (duration: Duration): Decimal => new Decimal(duration.amount);

/** A duration of that kind, cut off to whole nanoseconds or months. */
function scaled(like: Duration, value: Decimal | null): Value {
  if (!value || value.abs().greaterThan(new Decimal(1n, 30))) return null;
  return alike(like, BigInt(value.toDecimalPlaces(0, "down").toFixed()));
}

function negative(value: Value): Value {
  if (isNumber(value)) return value.neg();
  return value instanceof Duration ? new Duration(value.kind, -value.amount) : null;
}

const COMPARISONS: Readonly<Record<string, (budget: Budget, a: Value, b: Value) => boolean | null>> = {
  "=": equal,
  "!=": (budget, a, b) => not(equal(budget, a, b)),
  "<": (_, a, b) => less(a, b),
  ">": (_, a, b) => less(b, a),
  "<=": (_, a, b) => not(less(b, a)),
  ">=": (_, a, b) => not(less(a, b)),
};

/** and/or: the first decisive operand decides; what is no boolean is unknown. */
function junction(decisive: boolean): Operation {
  return (compiler, parts, scope) => {
    const operands = compiler.codes(parts, scope);
    return (frame) => {
      let known = true;
      for (const operand of operands) {
        const value = operand(frame);
        if (value === decisive) return decisive;
        if (value !== !decisive) known = false;
      }
      return known ? !decisive : null;
    };
  };
}

// --- types

export type Type = string | readonly Node[];
const SYNONYMS = new Map([
  ["dateTime", "date and time"],
  ["dayTimeDuration", "days and time duration"],
  ["yearMonthDuration", "years and months duration"],
]);

function isInstance(value: Value, wanted: Node): boolean {
  if (typeof wanted === "string") {
    return wanted === "Any" ? value !== null : kindOf(value) === (SYNONYMS.get(wanted) ?? wanted);
  }
  const [kind, ...of] = wanted as readonly Node[];
  const first = of[0] as Node;
  if (kind === "list") return isList(value) && value.every((item) => isInstance(item, first));
  if (kind === "range") {
    return (
      value instanceof Range &&
      [value.start, value.end].every((end) => end === null || isInstance(end, first))
    );
  }
  if (kind === "context") return isContext(value) && of.every((entry) => hasEntry(value, entry));
  return value instanceof FeelFunction && value.parameters.length === (first as readonly Node[]).length;
}

function hasEntry(value: Context, entry: Node): boolean {
  const [key, type] = entry as [string, Node];
  const found = value.get(key);
  return found === null || (found !== undefined && isInstance(found, type));
}

// --- tests

/** value in of: equal to it, an element of the list, or within the range. */
function member(budget: Budget, value: Value, of: Value): boolean | null {
  if (of instanceof Range) return contains(budget, of, value);
  if (!isList(of)) return equal(budget, value, of);
  if (isList(value) && equal(budget, value, of) === true) return true;
  let known: false | null = false;
  budget.spend(of.length);
  for (const item of of) {
    const same = item instanceof Range ? contains(budget, item, value) : equal(budget, value, item);
    if (same === true) return true;
    if (same === null && item instanceof Range) known = null;
  }
  return known;
}

/** ["test", sign, bound], ["test", "in", value] or ["test", "is", condition]. */
function test(compiler: Compiler, node: Node, scope: Scope): Test {
  const [, op, operandNode] = node as readonly [Node, string, Node];
  const operand = compiler.code(operandNode, scope);
  if (op === "is") {
    return (frame) => {
      const value = operand(frame);
      return typeof value === "boolean" ? value : null;
    };
  }
  if (op !== "in") {
    const compare = COMPARISONS[op] as (typeof COMPARISONS)[string];
    return (frame, value) => compare(frame[0], value, operand(frame));
  }
  if (isNodes(operandNode) && operandNode[0] === "range") {
    return (frame, value) => {
      const interval = operand(frame);
      return interval instanceof Range ? contains(frame[0], interval, value) : null;
    };
  }
  return (frame, value) => member(frame[0], value, operand(frame));
}

function anyTest(compiler: Compiler, nodes: readonly Node[], scope: Scope): Test {
  const tests = nodes.map((node) => test(compiler, node, scope));
  return (frame, value) => {
    let known: false | null = false;
    for (const one of tests) {
      const passed = one(frame, value);
      if (passed === true) return true;
      if (passed === null) known = null;
    }
    return known;
  };
}

// --- paths and filters

function get(value: Value, key: string): Value {
  if (isContext(value)) return value.get(key) ?? null;
  if (isList(value)) return value.map((item) => get(item, key));
  if (value instanceof Range) {
    if (key === "start") return value.start;
    if (key === "end") return value.end;
    if (key === "start included") return value.startIncluded;
    return key === "end included" ? value.endIncluded : null;
  }
  if (value instanceof Moment) return momentProperty(value, key);
  return value instanceof Duration ? durationProperty(value, key) : null;
}

const seconds = (whole: number, nanos: number): Decimal =>
  new Decimal(BigInt(whole) * BigInt(NANOS) + BigInt(nanos), -9);

function momentProperty(value: Moment, key: string): Value {
  if (value.kind !== "time") {
    if (key === "weekday") return new Decimal(weekday(value.days));
    const place = ["year", "month", "day"].indexOf(key);
    if (place >= 0) return new Decimal(civilFromDays(value.days)[place] as number);
    if (value.kind === "date") return null;
  }
  const second = Math.floor(value.nanos / NANOS);
  switch (key) {
    case "hour":
      return new Decimal(Math.floor(second / 3600));
    case "minute":
      return new Decimal(Math.floor(second / 60) % 60);
    case "second":
      return seconds(second % 60, value.nanos % NANOS);
    case "time offset":
      return value.offset === null ? null : daysTime(BigInt(value.offset) * BigInt(NANOS));
    case "timezone":
      return value.zone;
  }
  return null;
}

function durationProperty({ kind, amount }: Duration, key: string): Value {
  const signed = (part: number | Decimal): Decimal =>
    amount < 0n ? new Decimal(part).neg() : new Decimal(part);
  if (kind === "years and months duration") {
    const months = amount < 0n ? -amount : amount;
    if (key === "years") return signed(Number(months / 12n));
    return key === "months" ? signed(Number(months % 12n)) : null;
  }
  const parts = partsOf(amount);
  if (key === "seconds") return signed(seconds(parts[3], parts[4]));
  const place = ["days", "hours", "minutes"].indexOf(key);
  return place < 0 ? null : signed(parts[place] as number);
}

function path(compiler: Compiler, [source, key]: readonly Node[], scope: Scope): Code {
  const code = compiler.code(source as Node, scope);
  return (frame) => {
    const value = code(frame);
    if (isList(value)) frame[0].spend(value.length);
    return get(value, key as string);
  };
}

const CONDITIONS = new Set("= != < <= > >= and or between in some every is".split(" "));

function filtered(compiler: Compiler, [sourceNode, condition]: readonly Node[], scope: Scope): Code {
  const source = compiler.code(sourceNode as Node, scope);
  const kind = isNodes(condition) ? (condition[0] as string) : "";
  const negated = kind === "neg" && isNodes(condition) && isNodes(condition[1]) && condition[1][0] === "n";
  if (kind === "n" || negated) {
    const index = compiler.code(condition as Node, scope)([] as unknown as Frame);
    return (frame) => itemAt(asList(source(frame)), index);
  }
  const slot = compiler.slots++;
  const passes = compiler.code(condition as Node, [...scope, [null, slot]]);
  const mayBeIndex = !CONDITIONS.has(kind);
  return (frame) => {
    const items = asList(source(frame));
    if (items === null) return null;
    const result: Value[] = [];
    if (mayBeIndex && !items.length) {
      write(frame, slot, null);
      return isNumber(passes(frame)) ? null : result;
    }
    for (const item of items) {
      frame[0].spend(1);
      write(frame, slot, item);
      const passed = passes(frame);
      if (passed === true) result.push(item);
      else if (mayBeIndex && isNumber(passed)) return itemAt(items, passed);
    }
    return result;
  };
}

function itemAt(items: readonly Value[] | null, index: Value): Value {
  const place = whole(index);
  return items && place ? (items.at(place > 0 ? place - 1 : place) ?? null) : null;
}

// --- loops

function sourcesOf(compiler: Compiler, nodes: Node, scope: Scope): [Source[], Scope] {
  let inner = scope;
  const sources = (nodes as readonly Node[]).map((node): Source => {
    const [bound, ...parts] = node as readonly Node[];
    const slot = compiler.slots++;
    const [first, last] = compiler.codes(parts, inner) as [Code, Code?];
    inner = [...inner, [bound as string, slot]];
    if (last) return [slot, (frame) => counted(frame[0], first(frame), last(frame))];
    return [slot, (frame) => iterated(frame[0], first(frame))];
  });
  return [sources, inner];
}

function iterated(budget: Budget, value: Value): readonly Value[] | null {
  if (!(value instanceof Range)) return asList(value);
  if (value.op) return null;
  const items = counted(budget, value.start, value.end);
  if (!items || less(value.end, value.start)) return items && [];
  return items.slice(value.startIncluded ? 0 : 1, value.endIncluded ? items.length : items.length - 1);
}

/** The whole numbers, or the dates, from first to last, downwards when last is less. */
function counted(budget: Budget, first: Value, last: Value): Value[] | null {
  const dates =
    first instanceof Moment && last instanceof Moment && first.kind === "date" && last.kind === "date";
  const low = dates ? first.days : whole(first);
  const high = dates ? last.days : whole(last);
  if (low === null || high === null) return null;
  const size = Math.abs(high - low) + 1;
  budget.checkSize(size);
  budget.spend(size);
  const step = low <= high ? 1 : -1;
  return Array.from({ length: size }, (_, index) => {
    const at = low + step * index;
    return dates ? new Moment("date", at) : new Decimal(at);
  });
}

/** Call visit for every combination until it says true (stop); null when a source is none. */
function walk(sources: readonly Source[], frame: Frame, visit: () => boolean, depth = 0): boolean | null {
  const [slot, source] = sources[depth] as Source;
  const items = source(frame);
  if (items === null) return null;
  for (const item of items) {
    frame[0].spend(1);
    write(frame, slot, item);
    const stopped = depth === sources.length - 1 ? visit() : walk(sources, frame, visit, depth + 1);
    if (stopped !== false) return stopped;
  }
  return false;
}

const mentions = (node: Node, wanted: string): boolean =>
  isNodes(node) && ((node[0] === "v" && node[1] === wanted) || node.some((part) => mentions(part, wanted)));

function iteration(compiler: Compiler, [sourceNodes, bodyNode]: readonly Node[], scope: Scope): Code {
  const partial = compiler.slots++;
  const [sources, inner] = sourcesOf(compiler, sourceNodes as Node, scope);
  const body = compiler.code(bodyNode as Node, [...inner, ["partial", partial]]);
  const usesPartial = mentions(bodyNode as Node, "partial");
  return (frame) => {
    const result: Value[] = [];
    const visit = (): boolean => {
      if (usesPartial) {
        frame[0].spend(result.length);
        write(frame, partial, result.slice());
      }
      result.push(body(frame));
      return false;
    };
    if (walk(sources, frame, visit) === null) return null;
    frame[0].checkSize(result.length);
    return result;
  };
}

function quantified(decisive: boolean): Operation {
  return (compiler, [sourceNodes, conditionNode], scope) => {
    const [sources, inner] = sourcesOf(compiler, sourceNodes as Node, scope);
    const condition = compiler.code(conditionNode as Node, inner);
    return (frame) => {
      let unknown = 0;
      const stopped = walk(sources, frame, () => {
        const value = condition(frame);
        if (typeof value !== "boolean") unknown += 1;
        return value === decisive;
      });
      if (stopped === null) return null;
      if (stopped) return decisive;
      return unknown ? null : !decisive;
    };
  };
}

// --- calls

function callBuiltin(compiler: Compiler, [called, ...parts]: readonly Node[], scope: Scope): Code {
  const call = builtin(called as string, parts.length);
  const given = compiler.codes(parts, scope);
  return call ? (frame) => call(frame[0], ...given.map((code) => code(frame))) : constant(null);
}

/** A call of a value; a name that is no function may still be a built-in one. */
function call(compiler: Compiler, [calledNode, ...parts]: readonly Node[], scope: Scope): Code {
  const called = compiler.code(calledNode as Node, scope);
  const given = compiler.codes(parts, scope);
  const own = isNodes(calledNode) && calledNode[0] === "v" && isBuiltin(calledNode[1] as string);
  const otherwise = own ? callBuiltin(compiler, [calledNode[1] as string, ...parts], scope) : constant(null);
  return (frame) => {
    const found = called(frame);
    if (!(found instanceof FeelFunction)) return otherwise(frame);
    if (found.parameters.length !== given.length) return null;
    return found.call(
      frame[0],
      given.map((code) => code(frame)),
    );
  };
}

function callByName(compiler: Compiler, [calledNode, ...parts]: readonly Node[], scope: Scope): Code {
  const called = compiler.code(calledNode as Node, scope);
  const entries = parts.map((part) => {
    const [key, value] = part as [string, Node];
    return [key, compiler.code(value, scope)] as const;
  });
  return (frame) => {
    const found = called(frame);
    if (!(found instanceof FeelFunction)) return null;
    const values = new Map(entries.map(([key, code]) => [key, code(frame)]));
    const { parameters } = found;
    if (parameters.length !== entries.length || !parameters.every((one) => values.has(one))) return null;
    return found.call(
      frame[0],
      parameters.map((one) => values.get(one) as Value),
    );
  };
}

function functionLiteral(
  compiler: Compiler,
  [parameterNodes, bodyNode]: readonly Node[],
  scope: Scope,
): Code {
  const parameters = (parameterNodes as unknown as readonly [string, Node][]).map(
    ([key, type]) => [key, compiler.slots++, type] as const,
  );
  const body = compiler.code(bodyNode as Node, [
    ...scope,
    ...parameters.map(([key, slot]) => [key, slot] as const),
  ]);
  return (frame) => {
    const captured = frame.slice();
    return new FeelFunction(
      parameters.map(([key]) => key),
      (budget, values) => {
        budget.spend(1);
        const own = captured.slice() as Frame;
        own[0] = budget;
        for (const [index, [, slot, type]] of parameters.entries()) {
          const value = values[index] as Value;
          if (type !== null && value !== null && !isInstance(value, type)) return null;
          write(own, slot, value);
        }
        budget.depth -= 1;
        if (budget.depth < 0) throw new FeelLimitExceeded("depth");
        const result = body(own);
        budget.depth += 1;
        return result;
      },
    );
  };
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["n", (_, [text]) => constant(parseNumber(text as string))],
  ["@", (_, [text]) => constant(parseTemporal(text as string))],
  ["v", name],
  [
    "list",
    (compiler, parts, scope) => {
      const items = compiler.codes(parts, scope);
      return (frame) => items.map((item) => item(frame));
    },
  ],
  ["ctx", context],
  ["range", range],
  ["side", oneSided],
  ["+", binary(addValues)],
  ["-", binary(subtractValues)],
  ["*", binary(multiplyValues)],
  ["/", binary(divideValues)],
  ["**", binary((_, a, b) => (isNumber(a) && isNumber(b) ? power(a, b) : null))],
  [
    "neg",
    (compiler, [operand], scope) => {
      const code = compiler.code(operand as Node, scope);
      return (frame) => negative(code(frame));
    },
  ],
  ...Object.entries(COMPARISONS).map(([sign, compare]) => [sign, binary(compare)] as const),
  ["and", junction(false)],
  ["or", junction(true)],
  [
    "between",
    (compiler, parts, scope) => {
      const [value, low, high] = compiler.codes(parts, scope) as [Code, Code, Code];
      return (frame) => {
        const tested = value(frame);
        return both(not(less(tested, low(frame))), not(less(high(frame), tested)));
      };
    },
  ],
  [
    "if",
    (compiler, parts, scope) => {
      const [condition, then, otherwise] = compiler.codes(parts, scope) as [Code, Code, Code];
      return (frame) => (condition(frame) === true ? then(frame) : otherwise(frame));
    },
  ],
  [
    "is",
    (compiler, [value, type], scope) => {
      const code = compiler.code(value as Node, scope);
      return (frame) => isInstance(code(frame), type as Node);
    },
  ],
  [
    "in",
    (compiler, [value, ...tests], scope) => {
      const subject = compiler.code(value as Node, scope);
      const passes = anyTest(compiler, tests, scope);
      return (frame) => passes(frame, subject(frame));
    },
  ],
  [
    "tests",
    (compiler, [positive, ...tests], scope) => {
      const subject = compiler.code(["v", "?"], scope);
      const passes = anyTest(compiler, tests, scope);
      return (frame) => {
        const answer = passes(frame, subject(frame));
        return positive === true ? answer : not(answer);
      };
    },
  ],
  [".", path],
  ["[]", filtered],
  ["for", iteration],
  ["some", quantified(true)],
  ["every", quantified(false)],
  ["b", callBuiltin],
  ["call", call],
  ["calln", callByName],
  ["func", functionLiteral],
]);
