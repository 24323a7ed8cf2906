/** MA (IDcode) device identifiers: the same reader as forms/barcodes/ma.py, where it is said what it reads. */
import type { Element, Elements } from "./element_strings.ts";
import { day } from "./label_dates.ts";
import { ScanRefused } from "./refusals.ts";

export const MA_PARSER = "ma/1";
const PRODUCT = /^MA\.[0-9]{3}\.M0\.[0-9A-Z]{6}\.[0-9A-Z]{8}(?=\.|$)/;
const VALUE = /^[0-9A-Za-z\-_/+*#()]{1,20}$/;
const DATE = /^([0-9]{2}|[0-9]{4})([0-9]{2})([0-9]{2})$/;
const NUMBERS: Readonly<Record<string, string>> = { L: "lot", S: "serial", D: "sterilisation_lot" };
const DATES: Readonly<Record<string, string>> = { M: "production", V: "expiry", E: "expiry" };

/** Read a code that begins with "MA."; `year` is the year we are in. Throws ScanRefused. */
export function readMa(text: string, year: number): Elements {
  const product = PRODUCT.exec(text)?.[0];
  if (product === undefined) throw structure();
  const found: Record<string, Element> = { device_identifier: product };
  for (const part of text.slice(product.length).split(".").slice(1)) {
    const [name, element] = partOf(part.slice(0, 1), part.slice(1), year);
    if (name in found && JSON.stringify(found[name]) !== JSON.stringify(element))
      throw new ScanRefused("scan_contradiction", { ai: part.slice(0, 1) });
    found[name] = element;
  }
  return found;
}

function partOf(letter: string, value: string, year: number): readonly [string, Element] {
  const number = NUMBERS[letter];
  if (number !== undefined && VALUE.test(value)) return [number, value];
  const date = DATES[letter];
  const dated = date === undefined ? null : DATE.exec(value);
  if (date === undefined || dated === null) throw structure();
  const [, inYear = "", month = "", onDay = ""] = dated;
  return [date, day(letter, inYear, month, onDay, year)];
}

function structure(): ScanRefused {
  return new ScanRefused("scan_structure", { system: "MA" });
}
