/**
 * GS1 element strings: application identifier, value, and GS (FNC1) after those of no fixed length.
 *
 * The same reader as forms/barcodes/element_strings.py, over the same table; tests/vectors/gs1 holds both to
 * the same answers. A value that may vary in length ends at GS or at the end of the scan and nowhere else.
 */
import { type Identifier, identifiers, table } from "./identifiers.ts";
import { ScanRefused } from "./refusals.ts";

/** A date on a label; `precision` says whether the day was printed or stands for the end of the month. */
export interface LabelDate {
  readonly value: string;
  readonly precision: "day" | "month";
}

/** A value as printed, or a date. */
export type Element = string | LabelDate;
export type Elements = Readonly<Record<string, Element>>;
export type Pair = readonly [Identifier, string];

/** Read ASCII text without symbology identifier; `year` is the year we are in. Throws ScanRefused. */
export function readElementStrings(text: string, year: number): Elements {
  return understand(split(text), year);
}

/** Check identifiers with their values as one message and give the elements by name. */
export function understand(pairs: Iterable<Pair>, year: number): Elements {
  const found = new Map<string, string>();
  for (const [identifier, value] of pairs) {
    const earlier = found.get(identifier.ai);
    if (earlier !== undefined && earlier !== value) {
      throw new ScanRefused("scan_contradiction", { ai: identifier.ai });
    }
    found.set(identifier.ai, value);
  }
  for (const [one, other] of table.exclusive) {
    if (found.has(one) && found.has(other)) throw new ScanRefused("scan_exclusive", { ai: one, other });
  }
  const elements: Record<string, Element> = {};
  for (const [ai, value] of found) elements[table.names[ai] ?? `ai_${ai}`] = element(ai, value, year);
  return elements;
}

function* split(text: string): Iterable<Pair> {
  for (const segment of text.split("\x1d")) {
    let rest = segment;
    while (rest !== "") {
      const identifier = identifierAt(rest);
      if (identifier === undefined) {
        throw new ScanRefused("scan_unknown_identifier", { start: rest.slice(0, 4) });
      }
      const value = take(identifier, rest.slice(identifier.ai.length));
      rest = rest.slice(identifier.ai.length + value.length);
      yield [identifier, value];
    }
  }
}

/** The application identifier that `text` begins with. None is the beginning of another. */
export function identifierAt(text: string): Identifier | undefined {
  for (const length of [2, 3, 4]) {
    const identifier = identifiers.get(text.slice(0, length));
    if (identifier !== undefined) return identifier;
  }
  return undefined;
}

/** The value at the start of `text`, which runs to the next separator. */
function take(identifier: Identifier, text: string): string {
  const value = identifier.value.atStart.exec(text)?.[0] ?? "";
  const refused = new ScanRefused("scan_value", { ai: identifier.ai, value: text.slice(0, 30) });
  if (value === "") throw refused;
  const rest = text.slice(value.length);
  if (rest !== "" && identifier.value.separatorRequired) {
    throw identifierAt(rest) === undefined
      ? refused
      : new ScanRefused("scan_separator_missing", { ai: identifier.ai });
  }
  return value;
}

function element(ai: string, value: string, year: number): Element {
  const checked = table.checkedDigits[ai];
  if (checked !== undefined && !checkDigitIsRight(value.slice(0, checked))) {
    throw new ScanRefused("scan_check_digit", { ai, value });
  }
  if (table.dates.includes(ai)) return date(ai, value, year);
  if (table.times.includes(ai)) {
    // 8008 and 7006 give a day that must be there; a period (7007) is two dates.
    const end = ai === "7007" && value.length > 6 ? 12 : 6;
    for (let start = 0; start < end; start += 6) day(ai, value.slice(start, start + 6), year);
  }
  return value;
}

/** GS1 check digit, modulo 10 with weights 3 and 1 from the right (GS1 GS 7.9.1). */
export function checkDigitIsRight(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 2, weight = 3; at >= 0; at--, weight = 4 - weight) {
    sum += weight * Number(digits[at]);
  }
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

function date(ai: string, value: string, year: number): LabelDate {
  if (value.slice(4) !== "00") return { value: day(ai, value, year), precision: "day" };
  const fullYear = century(Number(value.slice(0, 2)), year);
  const month = Number(value.slice(2, 4));
  if (month < 1 || month > 12) throw new ScanRefused("scan_date", { ai, value });
  return { value: isoDate(fullYear, month, lastDay(fullYear, month)), precision: "month" };
}

function day(ai: string, value: string, year: number): string {
  const fullYear = century(Number(value.slice(0, 2)), year);
  const month = Number(value.slice(2, 4));
  const dayOfMonth = Number(value.slice(4, 6));
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > lastDay(fullYear, month)) {
    throw new ScanRefused("scan_date", { ai, value });
  }
  return isoDate(fullYear, month, dayOfMonth);
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isoDate(year: number, month: number, dayOfMonth: number): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(dayOfMonth)}`;
}

/** The year that two digits mean, seen from `year`: 49 back to 50 ahead (GS1 GS 7.12). */
export function century(twoDigits: number, year: number): number {
  const distance = twoDigits - (year % 100);
  const base = year - (year % 100) + twoDigits;
  if (distance >= 51) return base - 100;
  return distance <= -50 ? base + 100 : base;
}
