/**
 * Values of a case as plain JSON that can be kept (IndexedDB, the pack) and loses no digit: the twin of
 * engine/execution/ahead.py.
 *
 * A number is {"": "12.50"}, what only the server will know is {"": null}, and an object whose one key is "" is
 * {"": {…}}. Everything else is itself. Dates and durations are texts, as in the case document.
 */
import { Decimal } from "../feel/decimal.ts";
import { fromJson, isContext, isList, textOf, type Value } from "../feel/values.ts";

export type Exact = null | boolean | string | number | readonly Exact[] | { readonly [key: string]: Exact };

/** What a task that the server does later will give. */
export const LATER: Exact = { "": null };

/** Write any value that FEEL knows. */
export function toExact(given: unknown): Exact {
  return written(fromJson(given));
}

function written(value: Value): Exact {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (Decimal.isDecimal(value)) return { "": textOf(value) };
  if (isList(value)) return value.map(written);
  if (isContext(value)) {
    const entries = Array.from(value, ([key, item]): [string, Exact] => [key, written(item)]);
    const plain = Object.fromEntries(entries);
    return entries.length === 1 && "" in plain ? { "": plain } : plain;
  }
  return typeof value === "object" && "parameters" in value ? null : textOf(value);
}

/** Read a value for FEEL and forms: numbers are Decimals. What is not known reads as null; see isKnown. */
export function fromExact(value: Exact): unknown {
  if (value === null || typeof value !== "object") return value;
  if (isRow(value)) return value.map(fromExact);
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "") {
    const only = value[""] as Exact;
    if (typeof only === "string") return new Decimal(only);
    return only === null ? null : members(only as Readonly<Record<string, Exact>>);
  }
  return members(value);
}

/** Whether everything in a value is known on the device. */
export function isKnown(value: Exact): boolean {
  if (value === null || typeof value !== "object") return true;
  if (isRow(value)) return value.every(isKnown);
  const parts = Object.entries(value);
  if (parts.length === 1 && parts[0]?.[0] === "" && parts[0][1] === null) return false;
  return parts.every(([, part]) => isKnown(part));
}

const isRow = (value: Exact): value is readonly Exact[] => Array.isArray(value);

const members = (value: Readonly<Record<string, Exact>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromExact(item)]));
