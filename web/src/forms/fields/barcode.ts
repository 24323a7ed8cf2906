/**
 * A scanned barcode: {"raw", "symbology", "parser", "elements"}.
 *
 * The terminal reads it and sends what it read; the server reads `raw` again and compares. `x-needs` lists
 * elements that must be in it. `x-fills` names fields beside it that the scan fills ({"lot": "/supplier_lot"});
 * they must not say anything else than the scan does.
 */
import type { Text } from "../texts.ts";
import {
  type Answer,
  computeNever,
  type FieldType,
  isObject,
  type Json,
  type Schema,
  Wrong,
} from "./base.ts";
import { scanReader } from "./scan_reader.ts";

/** Elements a form may need, in words. */
export const ELEMENT_TEXTS: Readonly<Record<string, Text>> = {
  gtin: { en: "GTIN", zh: "GTIN" },
  lot: { en: "lot", zh: "批号" },
  serial: { en: "serial number", zh: "序列号" },
  expiry: { en: "expiry date", zh: "有效期" },
  production: { en: "production date", zh: "生产日期" },
  sscc: { en: "SSCC", zh: "SSCC" },
  device_identifier: { en: "device identifier", zh: "产品标识" },
  count: { en: "count", zh: "数量" },
  sterilisation_lot: { en: "sterilisation lot", zh: "灭菌批号" },
  link: { en: "belongs to the code with", zh: "对应主码" },
};

function read(submitted: Json, schema: Schema, now: string): Answer {
  const raw = isObject(submitted) ? submitted["raw"] : undefined;
  if (typeof raw !== "string" || !isObject(submitted)) throw new Wrong("scan_expected");
  const scan = scanReader()(raw, now);
  for (const [key, sent] of Object.entries(submitted)) {
    if (!same(sent, scan[key])) throw new Wrong("scan_differs");
  }
  const needs = schema["x-needs"];
  for (const needed of Array.isArray(needs) ? (needs as readonly string[]) : []) {
    if (!(needed in (scan["elements"] as object))) {
      throw new Wrong("scan_lacks", { element: ELEMENT_TEXTS[needed] ?? needed });
    }
  }
  return { record: scan, value: scan };
}

function same(left: unknown, right: unknown): boolean {
  if (!isObject(left) || !isObject(right)) return left === right;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => same(left[key], right[key]));
}

/** What a scanned element fills in: the text, or the date as precisely as the label gives it. */
export function filledBy(element: unknown): string {
  if (!isObject(element)) return String(element);
  const day = String(element["value"]);
  return element["precision"] === "day" ? day : day.slice(0, 7);
}

export const FIELD: FieldType = { name: "barcode", read, compute: computeNever };
