/**
 * Values of FEEL as JSON that says what each is: how the vectors in tests/vectors/feel and the differential fuzz
 * write scopes and results. The twin of tests/forms/feel/typed.py.
 *
 * null, booleans and texts are themselves, lists are lists; {"number": "1.5"}, {"context": [[key, value]…]},
 * {"date": …}, {"time": …}, {"date and time": …}, {"duration": …}, {"range": [sign, start included, start, end, end
 * included]}, {"function": parameters}.
 */
import { parseNumber } from "../decimals.ts";
import { Duration, parseDate, parseDateTime, parseDuration, parseTime } from "../temporal.ts";
import { FeelFunction, isContext, isList, kindOf, Range, textOf, type Value } from "../values.ts";

type Json = null | boolean | string | readonly Json[] | { readonly [key: string]: Json };

export function encode(value: Value): Json {
  if (isList(value)) return value.map(encode);
  if (isContext(value)) return { context: Array.from(value, ([key, item]) => [key, encode(item)]) };
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value instanceof Duration) return { duration: textOf(value) };
  if (value instanceof FeelFunction) return { function: value.parameters };
  if (value instanceof Range) {
    return {
      range: [value.op, value.startIncluded, encode(value.start), encode(value.end), value.endIncluded],
    };
  }
  return { [kindOf(value)]: textOf(value) };
}

const READERS: Readonly<Record<string, (text: string) => Value>> = {
  number: parseNumber,
  date: parseDate,
  time: parseTime,
  "date and time": parseDateTime,
  duration: parseDuration,
};

export function decode(json: Json): Value {
  if (json === null || typeof json !== "object") return json;
  if (isJsonList(json)) return json.map(decode);
  const [[kind, of]] = Object.entries(json) as [[string, Json]];
  if (kind === "context") {
    return new Map((of as readonly [string, Json][]).map(([key, item]) => [key, decode(item)]));
  }
  if (kind === "range") {
    const [op, startIncluded, start, end, endIncluded] = of as [string, boolean, Json, Json, boolean];
    return new Range(decode(start), decode(end), startIncluded, endIncluded, op);
  }
  const read = READERS[kind];
  const value = read?.(of as string) ?? null;
  if (value === null) throw new TypeError(`${kind} ${JSON.stringify(of)} is no value`);
  return value;
}

const isJsonList = (json: Json): json is readonly Json[] => Array.isArray(json);

export type { Json };
