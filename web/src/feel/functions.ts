/** The built-in functions: the twin of forms/feel/functions and of forms/feel/registry.py. */
import {
  add,
  Decimal,
  divide,
  exponential,
  isNumber,
  logarithm,
  modulo,
  multiply,
  parseNumber,
  rounded,
  type Rounding,
  squareRoot,
  subtract,
  whole,
  ZERO,
} from "./decimals.ts";
import { compilePattern, type Match, type Pattern } from "./patterns.ts";
import {
  at,
  civilFromDays,
  daysFromCivil,
  Duration,
  makeDate,
  MAX_OFFSET,
  Moment,
  monthsBetween,
  NANOS,
  parseDate,
  parseDateTime,
  parseDuration,
  parseTemporal,
  parseTime,
  weekday,
} from "./temporal.ts";
import {
  type Budget,
  equal,
  FeelFunction,
  isContext,
  isList,
  kindOf,
  less,
  not,
  Range,
  textOf,
  type Value,
} from "./values.ts";

/** A function gets the budget and its arguments; arguments that were not given are undefined. */
export type Builtin = (budget: Budget, ...args: Value[]) => Value;

const text = (value: unknown): value is string => typeof value === "string";
const isDay = (value: Value): value is Moment => value instanceof Moment && value.kind !== "time";
const int = (value: number): Decimal => new Decimal(value);

/** The list, the list of a single value, or null. */
export function asList(value: Value): readonly Value[] | null {
  if (isList(value)) return value;
  return value === null ? null : [value];
}

// --- numbers

function rounding(mode: Rounding): Builtin {
  return (_, n, scale = ZERO) => (isNumber(n) && isNumber(scale) ? rounded(n, scale, mode) : null);
}

function ofNumber(compute: (value: Decimal) => Value): Builtin {
  return (_, value) => (isNumber(value) ? compute(value) : null);
}

const parity = (odd: boolean): Builtin =>
  ofNumber((n) => (n.isInteger() ? (n.q === 0 && n.c % 2n !== 0n) === odd : null));

function absolute(_: Budget, n: Value): Value {
  if (isNumber(n)) return n.abs();
  return n instanceof Duration ? new Duration(n.kind, n.amount < 0n ? -n.amount : n.amount) : null;
}

function number(_: Budget, source: Value, grouping: Value = null, sign: Value = null): Value {
  if (!text(source)) return null;
  if (grouping !== null && grouping !== " " && grouping !== "," && grouping !== ".") return null;
  if (sign !== null && sign !== "," && sign !== ".") return null;
  const point = sign ?? ".";
  if (grouping === point) return null;
  const digits = grouping === null ? source : source.replaceAll(grouping, "");
  if (point === ".") return parseNumber(digits);
  return digits.includes(".") ? null : parseNumber(digits.replaceAll(",", "."));
}

// --- texts

function substring(_: Budget, source: Value, start: Value, length?: Value): Value {
  if (!text(source) || !isNumber(start) || (length !== undefined && !isNumber(length))) return null;
  const place = cut(start);
  const size = length === undefined ? 0 : cut(length);
  if (place === 0 || size < 0) return null;
  const characters = Array.from(source);
  const index = place > 0 ? place - 1 : characters.length + place;
  if (index < 0) return "";
  return characters.slice(index, length === undefined ? undefined : index + size).join("");
}

const cut = (value: Decimal): number =>
  Math.max(-1e9, Math.min(1e9, value.toDecimalPlaces(0, "down").toNumber()));

function twoTexts(compute: (a: string, b: string) => Value): Builtin {
  return (_, a, b) => (text(a) && text(b) ? compute(a, b) : null);
}

function oneText(compute: (a: string) => Value): Builtin {
  return (budget, a) => {
    const made = text(a) ? compute(a) : null;
    return text(made) ? budget.text(made) : made;
  };
}

function around(source: string, match: string, take: (index: number) => string): string {
  const index = source.indexOf(match);
  return index < 0 ? "" : take(index);
}

function stringJoin(budget: Budget, list: Value, delimiter: Value = null): Value {
  const parts = asList(list);
  if (parts === null || (delimiter !== null && !text(delimiter))) return null;
  const texts = parts.filter((part) => part !== null);
  if (!texts.every(text)) return null;
  budget.spend(parts.length);
  return budget.text(texts.join(delimiter ?? ""));
}

function patternOf(pattern: Value, flags: Value): Pattern | null {
  return text(pattern) && (flags === null || text(flags)) ? compilePattern(pattern, flags ?? "") : null;
}

function matches(budget: Budget, input: Value, pattern: Value, flags: Value = null): Value {
  const compiled = patternOf(pattern, flags);
  return compiled && text(input) ? compiled.search(budget, Array.from(input)) !== null : null;
}

function allMatches(budget: Budget, pattern: Pattern, characters: readonly string[]): Match[] {
  const found: Match[] = [];
  let position = 0;
  while (position <= characters.length) {
    const match = pattern.search(budget, characters, position);
    if (!match) break;
    const [start, end] = match as [number, number];
    if (end > start) found.push(match);
    position = end > position ? end : position + 1;
  }
  return found;
}

function replace(
  budget: Budget,
  input: Value,
  pattern: Value,
  replacement: Value,
  flags: Value = null,
): Value {
  const compiled = patternOf(pattern, flags);
  if (!compiled || !text(input) || !text(replacement)) return null;
  const template = templateOf(replacement, compiled.groups);
  if (!template || compiled.matchesEmpty(budget)) return null;
  const characters = Array.from(input);
  const between = (start: number, end?: number): string => characters.slice(start, end).join("");
  let result = "";
  let position = 0;
  for (const found of allMatches(budget, compiled, characters)) {
    const [start, end] = found as [number, number];
    result += between(position, start);
    for (const part of template) {
      if (text(part)) result += part;
      else {
        const [from = -1, to = -1] = found.slice(2 * part, 2 * part + 2);
        if (from >= 0 && to >= from) result += between(from, to);
      }
    }
    position = end;
  }
  return budget.text(result + between(position));
}

/** A replacement as texts and group numbers; null when a $ or \ is alone. */
function templateOf(replacement: string, groups: number): (string | number)[] | null {
  const parts: (string | number)[] = [];
  for (let index = 0; index < replacement.length;) {
    const character = replacement.charAt(index++);
    if (character === "\\") {
      const escaped = replacement.charAt(index++);
      if (escaped !== "\\" && escaped !== "$") return null;
      parts.push(escaped);
    } else if (character === "$") {
      let digits = (/^\d+/.exec(replacement.slice(index)) ?? [""])[0];
      while (digits.length > 1 && Number(digits) > groups) digits = digits.slice(0, -1);
      if (!digits) return null;
      index += digits.length;
      if (Number(digits) <= groups) parts.push(Number(digits));
    } else parts.push(character);
  }
  return parts;
}

function splitText(budget: Budget, source: Value, delimiter: Value): Value {
  const compiled = patternOf(delimiter, null);
  if (!compiled || !text(source) || compiled.matchesEmpty(budget)) return null;
  const characters = Array.from(source);
  const parts: string[] = [];
  let position = 0;
  for (const [start, end] of allMatches(budget, compiled, characters)) {
    parts.push(characters.slice(position, start).join(""));
    position = end as number;
  }
  parts.push(characters.slice(position).join(""));
  budget.checkSize(parts.length);
  return parts;
}

// --- lists

function ofList(compute: (items: readonly Value[], budget: Budget) => Value): Builtin {
  return (budget, list) => {
    const items = asList(list);
    if (items === null) return null;
    budget.spend(items.length);
    return compute(items, budget);
  };
}

function ofNumbers(compute: (numbers: [Decimal, ...Decimal[]]) => Value): Builtin {
  return ofList((items) => (items.length && items.every(isNumber) ? compute(items as [Decimal]) : null));
}

const folded =
  (step: (a: Decimal, b: Decimal) => Decimal | null) =>
  (numbers: readonly Decimal[]): Decimal | null =>
    numbers.slice(1).reduce<Decimal | null>((sum, n) => sum && step(sum, n), numbers[0] as Decimal);
const total = folded(add);

function mean(numbers: readonly Decimal[]): Decimal | null {
  const sum = total(numbers);
  return sum && divide(sum, int(numbers.length));
}

const ascending = (numbers: readonly Decimal[]): Decimal[] => numbers.slice().sort((a, b) => a.comparedTo(b));

function median(numbers: readonly Decimal[]): Value {
  const sorted = ascending(numbers);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] as Decimal) : mean(sorted.slice(middle - 1, middle + 1));
}

function stddev(numbers: readonly Decimal[]): Value {
  const average = mean(numbers);
  if (!average || numbers.length === 1) return null;
  const squares: Decimal[] = [];
  for (const n of numbers) {
    const distance = subtract(n, average);
    const square = distance && multiply(distance, distance);
    if (!square) return null;
    squares.push(square);
  }
  const sum = total(squares);
  const variance = sum && divide(sum, int(numbers.length - 1));
  return variance && squareRoot(variance);
}

function mode(items: readonly Value[]): Value {
  if (!items.every(isNumber)) return null;
  const counts = new Map<string, number>();
  for (const n of items) counts.set(key(n), (counts.get(key(n)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const seen = new Set<string>();
  return ascending(items.filter((n) => counts.get(key(n)) === most && !seen.has(key(n)) && seen.add(key(n))));
}

const key = (n: Decimal): string => `${n.c}e${n.q}`;

function extreme(items: readonly Value[], precedes: (a: Value, b: Value) => boolean | null): Value {
  let best = items[0];
  if (best === undefined || precedes(best, best) === null) return null;
  for (const item of items.slice(1)) {
    const better = precedes(item, best);
    if (better === null) return null;
    if (better) best = item;
  }
  return best;
}

function quantified(items: readonly Value[], decisive: boolean): Value {
  if (items.includes(decisive)) return decisive;
  return items.every((item) => item === !decisive) ? !decisive : null;
}

/** The index of a position (negative: from the end); null when there is none. */
function indexOf(items: readonly Value[], position: Value): number | null {
  const place = whole(position);
  if (!place || Math.abs(place) > items.length) return null;
  return place > 0 ? place - 1 : items.length + place;
}

function sublist(budget: Budget, list: Value, start: Value, length?: Value): Value {
  const items = asList(list);
  const first = items && indexOf(items, start);
  if (items === null || first === null) return null;
  if (length === undefined) return items.slice(first);
  const size = whole(length);
  if (size === null || size < 1 || first + size > items.length) return null;
  budget.spend(size);
  return items.slice(first, first + size);
}

function paid(budget: Budget, items: readonly Value[]): readonly Value[] {
  budget.checkSize(items.length);
  budget.spend(items.length);
  return items;
}

function concatenate(budget: Budget, ...parts: Value[]): readonly Value[] | null {
  let result: readonly Value[] = [];
  for (const part of parts) {
    const items = asList(part);
    if (items === null) return null;
    result = paid(budget, [...result, ...items]);
  }
  return result;
}

/** A list with something done at a position. */
function spliced(budget: Budget, list: Value, position: Value, removed: number, ...added: Value[]): Value {
  const items = asList(list);
  const index = items && indexOf(items, position);
  if (items === null || index === null) return null;
  return paid(budget, [...items.slice(0, index), ...added, ...items.slice(index + removed)]);
}

function listReplace(budget: Budget, list: Value, which: Value, added: Value): Value {
  const items = asList(list);
  if (items === null) return null;
  budget.spend(items.length);
  if (which instanceof FeelFunction) {
    if (which.parameters.length !== 2) return null;
    const answers = items.map((item) => which.call(budget, [item, added]));
    if (!answers.every((answer) => typeof answer === "boolean")) return null;
    return items.map((item, index) => (answers[index] ? added : item));
  }
  const index = indexOf(items, which);
  return index === null ? null : items.map((item, at) => (at === index ? added : item));
}

function positionsOf(budget: Budget, list: Value, wanted: Value): Value {
  const items = asList(list);
  if (items === null) return null;
  budget.spend(items.length);
  return items.flatMap((item, index) => (equal(budget, item, wanted) === true ? [int(index + 1)] : []));
}

function listContains(budget: Budget, list: Value, wanted: Value): Value {
  const items = asList(list);
  if (items === null) return null;
  budget.spend(items.length);
  return items.some((item) => equal(budget, item, wanted) === true);
}

function distinct(budget: Budget, items: readonly Value[] | null): Value {
  if (items === null) return null;
  const result: Value[] = [];
  for (const item of items) {
    budget.spend(result.length + 1);
    if (!result.some((kept) => equal(budget, item, kept) === true)) result.push(item);
  }
  return result;
}

function flatten(budget: Budget, list: Value): Value {
  const items = asList(list);
  if (items === null) return null;
  const result: Value[] = [];
  const pour = (part: readonly Value[]): void => {
    budget.spend(part.length + 1);
    for (const item of part) {
      if (isList(item)) pour(item);
      else result.push(item);
    }
    budget.checkSize(result.length);
  };
  pour(items);
  return result;
}

function sort(budget: Budget, list: Value, precedes?: Value): Value {
  const items = asList(list);
  if (items === null) return null;
  if (precedes === undefined || precedes === null) return mergeSort(budget, items, less);
  if (!(precedes instanceof FeelFunction) || precedes.parameters.length !== 2) return null;
  return mergeSort(budget, items, (a, b) => precedes.call(budget, [a, b]));
}

function mergeSort(
  budget: Budget,
  items: readonly Value[],
  precedes: (a: Value, b: Value) => Value,
): readonly Value[] | null {
  if (items.length < 2) return items;
  const middle = items.length >> 1;
  const left = mergeSort(budget, items.slice(0, middle), precedes);
  const right = mergeSort(budget, items.slice(middle), precedes);
  if (left === null || right === null) return null;
  const result: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    budget.spend(1);
    const [a, b] = [left[i] as Value, right[j] as Value];
    const answer = precedes(b, a);
    if (typeof answer !== "boolean") return null;
    result.push(answer ? b : a);
    if (answer) j++;
    else i++;
  }
  return [...result, ...left.slice(i), ...right.slice(j)];
}

// --- contexts

function getValue(budget: Budget, context: Value, path: Value): Value {
  const keys = isList(path) ? path : [path];
  budget.spend(keys.length);
  let found = context;
  for (const name of keys) {
    if (!isContext(found) || !text(name)) return null;
    found = found.get(name) ?? null;
  }
  return keys.length ? found : null;
}

function getEntries(budget: Budget, context: Value): Value {
  if (!isContext(context)) return null;
  budget.spend(context.size);
  return Array.from(
    context,
    ([key, value]) =>
      new Map<string, Value>([
        ["key", key],
        ["value", value],
      ]),
  );
}

function makeContext(budget: Budget, entries: Value): Value {
  const items = asList(entries);
  if (items === null) return null;
  budget.spend(items.length);
  const result = new Map<string, Value>();
  for (const entry of items) {
    const value = isContext(entry) ? entry.get("value") : undefined;
    const key = isContext(entry) ? entry.get("key") : undefined;
    if (value === undefined || !text(key) || result.has(key)) return null;
    result.set(key, value);
  }
  return result;
}

function contextPut(budget: Budget, source: Value, key: Value, value: Value): Value {
  if (!isList(key)) return put(budget, source, key, value);
  const [first] = key;
  if (first === undefined || !isContext(source)) return null;
  if (key.length === 1) return put(budget, source, first, value);
  if (!text(first)) return null;
  const inner = contextPut(budget, source.get(first) ?? null, key.slice(1), value);
  return inner === null ? null : put(budget, source, first, inner);
}

function put(budget: Budget, source: Value, key: Value, value: Value): Value {
  if (!isContext(source) || !text(key)) return null;
  budget.spend(source.size + 1);
  return new Map(source).set(key, value);
}

function contextMerge(budget: Budget, contexts: Value): Value {
  const items = asList(contexts);
  if (items === null) return null;
  const result = new Map<string, Value>();
  for (const item of items) {
    if (!isContext(item)) return null;
    budget.spend(item.size + 1);
    for (const [key, value] of item) result.set(key, value);
  }
  return result;
}

// --- dates, times, durations

function date(_: Budget, source: Value, month?: Value, day?: Value): Value {
  if (month !== undefined) return dateOfParts(source, month, day ?? null);
  if (text(source)) return parseDate(source);
  return isDay(source) ? new Moment("date", source.days) : null;
}

function dateOfParts(...parts: Value[]): Value {
  const [year = null, month = null, day = null] = parts.map(whole);
  return year === null || month === null || day === null ? null : makeDate(year, month, day);
}

function dateAndTime(_: Budget, source: Value, clock?: Value): Value {
  if (clock !== undefined) {
    const parts = isDay(source) && clock instanceof Moment && clock.kind === "time";
    return parts ? at(source.days, clock.nanos, clock.offset, clock.zone) : null;
  }
  if (text(source)) return parseDateTime(source);
  if (!isDay(source)) return null;
  return source.kind === "date" ? new Moment("date and time", source.days, 0, 0) : source;
}

function time(_: Budget, source: Value, minute?: Value, second?: Value, offset?: Value): Value {
  if (minute !== undefined) return timeOfParts(source, minute, second ?? null, offset ?? null);
  if (text(source)) return parseTime(source);
  if (!(source instanceof Moment) || source.kind === "time") return source instanceof Moment ? source : null;
  if (source.kind === "date") return new Moment("time", 0, 0, 0);
  return new Moment("time", 0, source.nanos, source.zone === null ? source.offset : null, source.zone);
}

const nanosOf = (second: Decimal): number =>
  multiply(second, int(NANOS))?.toDecimalPlaces(0, "down").toNumber() ?? 0;

function timeOfParts(hour: Value, minute: Value, second: Value, offset: Value): Value {
  const hours = whole(hour) ?? -1;
  const minutes = whole(minute) ?? -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return null;
  if (!isNumber(second) || second.c < 0n || !second.lessThan(int(60))) return null;
  const nanos = (hours * 3600 + minutes * 60) * NANOS + nanosOf(second);
  if (offset === null) return new Moment("time", 0, nanos);
  if (!(offset instanceof Duration) || offset.kind !== "days and time duration") return null;
  const amount = offset.amount;
  const bound = BigInt(MAX_OFFSET) * BigInt(NANOS);
  return amount > bound || amount < -bound
    ? null
    : new Moment("time", 0, nanos, Number(amount / BigInt(NANOS)));
}

function duration(_: Budget, source: Value): Value {
  if (text(source)) return parseDuration(source);
  return source instanceof Duration ? source : null;
}

const yearsAndMonths: Builtin = (_, start, end) =>
  isDay(start) && isDay(end) ? monthsBetween(start, end) : null;

const ofDay =
  (compute: (days: number) => Value): Builtin =>
  (_, day) =>
    isDay(day) ? compute(day.days) : null;

const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const yearStart = (days: number): number => daysFromCivil(civilFromDays(days)[0], 1, 1);

function weekOfYear(days: number): Value {
  const thursday = days - weekday(days) + 4;
  return int(Math.floor((thursday - yearStart(thursday)) / 7) + 1);
}

// --- ranges

/**
 * An end of a range as a place on the line: just before (−1), at (0) or just after (1) a value; or no value, and the
 * side on which a one-sided range is open.
 */
type Edge = readonly [value: Value, side: number];
const startOf = (value: Value): Edge =>
  value instanceof Range
    ? [value.start, value.start === null ? -1 : Number(!value.startIncluded)]
    : [value, 0];
const endOf = (value: Value): Edge =>
  value instanceof Range ? [value.end, value.end === null ? 1 : -Number(!value.endIncluded)] : [value, 0];

class Unknown extends Error {}

/** Negative, 0 or positive as a lies before, at or after b. */
function order(a: Edge, b: Edge): number {
  if (a[0] === null || b[0] === null) return (a[0] === null ? a[1] : 0) - (b[0] === null ? b[1] : 0);
  const below = less(a[0], b[0]);
  const above = less(b[0], a[0]);
  if (below === null || above === null) throw new Unknown();
  return Number(above) - Number(below) || a[1] - b[1];
}

const isRange = (value: Value): boolean => value instanceof Range;

/** A relation, of which one or both must be ranges; null when two ends cannot be compared. */
function relation(
  test: (a: Value, b: Value) => boolean,
  firstIsRange = false,
  secondIsRange = firstIsRange,
): Builtin {
  return (_, a, b) => {
    if (a === null || b === null || (firstIsRange && !isRange(a)) || (secondIsRange && !isRange(b)))
      return null;
    try {
      return test(a, b);
    } catch (error) {
      if (error instanceof Unknown) return null;
      throw error;
    }
  };
}

const swapped =
  (test: Builtin): Builtin =>
  (budget, a, b) =>
    test(budget, b, a);

const before = relation((a, b) => order(endOf(a), startOf(b)) < 0);
const meets = relation((a, b) => endOf(a)[1] === 0 && order(endOf(a), startOf(b)) === 0, true);
const overlaps = relation(
  (a, b) => order(startOf(b), endOf(a)) <= 0 && order(startOf(a), endOf(b)) <= 0,
  true,
);
const overlapsBefore = relation(
  (a, b) =>
    order(startOf(a), startOf(b)) < 0 && order(startOf(b), endOf(a)) <= 0 && order(endOf(a), endOf(b)) <= 0,
  true,
);
const finishes = relation(
  (a, b) => order(endOf(a), endOf(b)) === 0 && (!isRange(a) || order(startOf(b), startOf(a)) <= 0),
  false,
  true,
);
const starts = relation(
  (a, b) => order(startOf(a), startOf(b)) === 0 && (!isRange(a) || order(endOf(a), endOf(b)) <= 0),
  false,
  true,
);
const includes = relation(
  (a, b) => order(startOf(a), startOf(b)) <= 0 && order(endOf(b), endOf(a)) <= 0,
  true,
  false,
);

function coincides(budget: Budget, a: Value, b: Value): Value {
  if (a === null || b === null || isRange(a) !== isRange(b)) return null;
  return equal(budget, a, b);
}

const W = "[ \\t\\r\\n]*";
const END = `(-?(?:\\d+(?:\\.\\d+)?|\\.\\d+)|@?"[^"\\\\]*"|(?:date and time|date|time|duration)\\(${W}"[^"\\\\]*"${W}\\))`;
const RANGE = new RegExp(`^${W}([[(\\]])${W}${END}${W}\\.\\.${W}${END}${W}([\\])[])${W}$`);

function makeRange(budget: Budget, source: Value): Value {
  const found = text(source) ? RANGE.exec(source) : null;
  if (!found) return null;
  const start = literal(found[2] as string);
  const end = literal(found[3] as string);
  budget.spend(1);
  if (start === null || end === null || less(end, start) !== false) return null;
  return new Range(start, end, found[1] === "[", found[4] === "]");
}

function literal(source: string): Value {
  if (source.startsWith('"')) return source.slice(1, -1);
  const quote = source.indexOf('"');
  if (quote < 0) return parseNumber(source);
  const value = parseTemporal(source.slice(quote + 1, source.lastIndexOf('"')));
  const kind = source.split("(")[0] as string;
  if (value === null || kind === "@" || source.startsWith("@")) return value;
  return (kind === "duration") === value instanceof Duration && (kind === "duration" || kind === value.kind)
    ? value
    : null;
}

// --- the registry

/** A call that gives fewer than `least` or more than `most` is null. */
type Entry = readonly [call: Builtin, least: number, most?: number];

function is(budget: Budget, a: Value = null, b: Value = null): Value {
  if (kindOf(a) !== kindOf(b)) return false;
  if (a instanceof Moment && b instanceof Moment) {
    return a.days === b.days && a.nanos === b.nanos && a.offset === b.offset && a.zone === b.zone;
  }
  return equal(budget, a, b) === true;
}

const gathering = (call: Builtin): Entry => [
  (budget, ...values) => call(budget, values.length > 1 ? values : (values[0] as Value)),
  1,
  Infinity,
];
const listing = (compute: (items: readonly Value[], budget: Budget) => Value): Entry =>
  gathering(ofList(compute));
const numbering = (compute: (numbers: [Decimal, ...Decimal[]]) => Value): Entry =>
  gathering(ofNumbers(compute));
const two = (call: Builtin): Entry => [call, 2];
const one = (call: Builtin): Entry => [call, 1];

const BUILTINS: Readonly<Record<string, Entry>> = {
  not: one((_, value) => (typeof value === "boolean" ? not(value) : null)),
  is: [is, 0, 2],
  number: [number, 1, 3],
  decimal: two(rounding("half even")),
  floor: [rounding("floor"), 1, 2],
  ceiling: [rounding("ceiling"), 1, 2],
  "round up": two(rounding("up")),
  "round down": two(rounding("down")),
  "round half up": two(rounding("half up")),
  "round half down": two(rounding("half down")),
  abs: one(absolute),
  modulo: two((_, a, b) => (isNumber(a) && isNumber(b) ? modulo(a, b) : null)),
  sqrt: one(ofNumber(squareRoot)),
  log: one(ofNumber(logarithm)),
  exp: one(ofNumber(exponential)),
  odd: one(parity(true)),
  even: one(parity(false)),
  string: one((budget, value) => (value === null ? null : budget.text(textOf(value, budget)))),
  substring: [substring, 2, 3],
  "string length": one(oneText((a) => int(Array.from(a).length))),
  "upper case": one(oneText((a) => a.toUpperCase())),
  "lower case": one(oneText((a) => a.toLowerCase())),
  "substring before": two(twoTexts((a, b) => around(a, b, (index) => a.slice(0, index)))),
  "substring after": two(twoTexts((a, b) => around(a, b, (index) => a.slice(index + b.length)))),
  contains: two(twoTexts((a, b) => a.includes(b))),
  "starts with": two(twoTexts((a, b) => a.startsWith(b))),
  "ends with": two(twoTexts((a, b) => a.endsWith(b))),
  matches: [matches, 2, 3],
  replace: [replace, 3, 4],
  split: two(splitText),
  "string join": [stringJoin, 1, 2],
  "list contains": two(listContains),
  count: listing((items) => int(items.length)),
  min: listing((items) => extreme(items, less)),
  max: listing((items) => extreme(items, (a, b) => less(b, a))),
  sum: numbering(total),
  product: numbering(folded(multiply)),
  mean: numbering(mean),
  median: numbering(median),
  stddev: numbering(stddev),
  mode: listing(mode),
  all: listing((items) => quantified(items, false)),
  any: listing((items) => quantified(items, true)),
  sublist: [sublist, 2, 3],
  append: [
    (budget, list, ...more) => {
      const items = asList(list);
      return items && paid(budget, [...items, ...more]);
    },
    2,
    Infinity,
  ],
  concatenate: [concatenate, 1, Infinity],
  union: [(budget, ...parts) => distinct(budget, concatenate(budget, ...parts)), 1, Infinity],
  "insert before": [(budget, list, position, item) => spliced(budget, list, position, 0, item), 3],
  remove: two((budget, list, position) => spliced(budget, list, position, 1)),
  reverse: one(ofList((items) => items.slice().reverse())),
  "index of": two(positionsOf),
  "distinct values": one((budget, list) => distinct(budget, asList(list))),
  flatten: one(flatten),
  "list replace": [listReplace, 3],
  sort: [sort, 1, 2],
  "get value": two(getValue),
  "get entries": one(getEntries),
  context: one(makeContext),
  "context put": [contextPut, 3],
  "context merge": one(contextMerge),
  date: [date, 1, 3],
  time: [time, 1, 4],
  "date and time": [dateAndTime, 1, 2],
  duration: one(duration),
  "years and months duration": two(yearsAndMonths),
  now: [(budget) => budget.now, 0],
  today: [(budget) => budget.now && new Moment("date", budget.now.days), 0],
  "day of week": one(ofDay((days) => DAYS[weekday(days) - 1] as string)),
  "day of year": one(ofDay((days) => int(days - yearStart(days) + 1))),
  "week of year": one(ofDay(weekOfYear)),
  "month of year": one(ofDay((days) => MONTHS[civilFromDays(days)[1] - 1] as string)),
  range: one(makeRange),
  before: two(before),
  after: two(swapped(before)),
  meets: two(meets),
  "met by": two(swapped(meets)),
  overlaps: two(overlaps),
  "overlaps before": two(overlapsBefore),
  "overlaps after": two(swapped(overlapsBefore)),
  finishes: two(finishes),
  "finished by": two(swapped(finishes)),
  includes: two(includes),
  during: two(swapped(includes)),
  starts: two(starts),
  "started by": two(swapped(starts)),
  coincides: two(coincides),
};
/** Numbers of arguments within the bounds that fit no signature all the same. */
const GAPS = new Map([
  ["number", 2],
  ["date", 2],
  ["time", 2],
]);

export const isBuiltin = (name: string): boolean => Object.hasOwn(BUILTINS, name);

/** The function that takes `count` values; null when there is none. */
export function builtin(name: string, count: number): Builtin | null {
  const [call, least, most = least] = BUILTINS[name] as Entry;
  return count < least || count > most || GAPS.get(name) === count ? null : call;
}
