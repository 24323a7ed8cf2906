/** Dates on labels: six or eight digits, a month only, a day of the year. As forms/barcodes/label_dates.py. */
import { century, type LabelDate } from "./element_strings.ts";
import { ScanRefused } from "./refusals.ts";

const DAY_MS = 86_400_000;

/** A day; a year of two digits lies within 49 years back and 50 ahead of `seenFrom`. Throws ScanRefused. */
export function day(ai: string, year: string, month: string, ofMonth: string, seenFrom: number): LabelDate {
  const full = fullYear(year, seenFrom);
  const at = new Date(Date.UTC(full, Number(month) - 1, Number(ofMonth)));
  at.setUTCFullYear(full, Number(month) - 1, Number(ofMonth)); // years below 100 are theirs
  const isThere = full > 0 && at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(ofMonth);
  if (!isThere) throw new ScanRefused("scan_date", { ai, value: year + month + ofMonth });
  return { value: at.toISOString().slice(0, 10), precision: "day" };
}

/** The last day of a month of which the label says no day. */
export function month(ai: string, year: string, ofYear: string, seenFrom: number): LabelDate {
  const full = fullYear(year, seenFrom);
  const number = Number(ofYear);
  if (number < 1 || number > 12) throw new ScanRefused("scan_date", { ai, value: ofYear + year });
  return { value: new Date(Date.UTC(full, number, 0)).toISOString().slice(0, 10), precision: "month" };
}

/** The day that is the `number`th of its year. */
export function dayOfYear(ai: string, year: string, number: string, seenFrom: number): LabelDate {
  const first = Date.UTC(fullYear(year, seenFrom), 0, 1);
  const days = (Date.UTC(fullYear(year, seenFrom) + 1, 0, 1) - first) / DAY_MS;
  if (Number(number) < 1 || Number(number) > days)
    throw new ScanRefused("scan_date", { ai, value: year + number });
  const at = new Date(first + (Number(number) - 1) * DAY_MS);
  return { value: at.toISOString().slice(0, 10), precision: "day" };
}

function fullYear(year: string, seenFrom: number): number {
  return year.length === 2 ? century(Number(year), seenFrom) : Number(year);
}
