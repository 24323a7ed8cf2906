/**
 * How an identifier beside it came to be: {"how": "scanned" | "typed"}, with the scan where known.
 *
 * Nobody fills it in. `x-of` names the field that it is about. What was scanned into that field is sent as
 * `raw`; "scanned" is said only where the scan holds what the field says, or where a barcode field filled it.
 */
import { filledBy } from "./barcode.ts";
import { type Answer, computeNever, type FieldType, isObject, type Json, lengthOf, Wrong } from "./base.ts";
import { scanReader } from "./scan_reader.ts";

/** Codes that hold a number of one's own and no GS1 data, as a scanner announces them. */
export const PLAIN = /^\](?:C0|C2|A[01-57]|Q[13]|d1)/;

const ELEMENTS = ["gtin", "lot", "serial", "sscc"] as const;
const LONGEST = 500;

function read(submitted: Json): Answer {
  if (!isObject(submitted) || Object.keys(submitted).some((key) => key !== "how" && key !== "raw"))
    throw new Wrong("scan_expected");
  const raw = submitted["raw"];
  if (raw !== undefined && raw !== null && (typeof raw !== "string" || lengthOf(raw) > LONGEST))
    throw new Wrong("scan_expected");
  return { record: submitted, value: submitted };
}

/** Whether a scan holds an identifier: as its whole text, or as one of its GS1 elements. */
export function saidBy(raw: string, identifier: string, now: string): boolean {
  if ((PLAIN.test(raw) ? raw.slice(3) : raw) === identifier) return true;
  try {
    const elements = scanReader()(raw, now)["elements"];
    return (
      isObject(elements) &&
      ELEMENTS.some((name) => name in elements && filledBy(elements[name]) === identifier)
    );
  } catch (error) {
    if (error instanceof Wrong) return false;
    throw error;
  }
}

export const FIELD: FieldType = { name: "entry", read, compute: computeNever };
