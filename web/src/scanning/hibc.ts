/**
 * HIBC supplier labels (ANSI/HIBC 2): the same reader as forms/barcodes/hibc.py, where it is said what it reads;
 * tests/vectors/udi holds both to the same answers.
 */
import type { Element, Elements } from "./element_strings.ts";
import { day, dayOfYear, month } from "./label_dates.ts";
import { ScanRefused } from "./refusals.ts";

export const HIBC_PARSER = "hibc/1";
const CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
const PRODUCT = /^[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9]$/;
const NUMBER = /^[0-9A-Z\-. $%+]{0,20}$/;
const OLD = /^([0-9]{2})([0-9]{3})/;
const QUANTITY = /^(?:8([0-9]{2})|9([0-9]{5}))/;
const FURTHER: Readonly<Record<string, string>> = {
  S: "serial",
  Q: "count",
  "16D": "production",
  "14D": "expiry",
};
const FULL_DATE = /^([0-9]{4})([0-9]{2})([0-9]{2})$/;

type Found = Record<string, Element>;
type Dated = (parts: readonly string[], year: number) => Found;

const SEEN: Dated = ([first = "", second = "", third = ""], year) => ({
  expiry: day("$$", first, second, third, year),
});
const inYear =
  (mark: string): Dated =>
  ([of = "", number = ""], year) => ({ expiry: dayOfYear(mark, of, number, year) });

/** What follows "$$" and a quantity: formats of expiry by their first digit; 7 says there is none. */
const DATES: readonly (readonly [RegExp, Dated])[] = [
  [/^([01][0-9])([0-9]{2})/, ([of = "", in_ = ""], year) => ({ expiry: month("$$", in_, of, year) })],
  [/^2([0-9]{2})([0-9]{2})([0-9]{2})/, ([of = "", on = "", in_ = ""], year) => SEEN([in_, of, on], year)],
  [/^3([0-9]{2})([0-9]{2})([0-9]{2})/, SEEN],
  [/^4([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{2}/, SEEN],
  [/^5([0-9]{2})([0-9]{3})/, inYear("$$")],
  [/^6([0-9]{2})([0-9]{3})[0-9]{2}/, inYear("$$")],
  [/^7/, () => ({})],
];

/** Read a label that begins with "+"; `year` is the year we are in. Throws ScanRefused. */
export function readHibc(text: string, year: number): Elements {
  const body = text.slice(0, -1);
  if (!Array.from(text).every((character) => CHARACTERS.includes(character))) throw structure();
  if (checkCharacter(body) !== text.slice(-1))
    throw new ScanRefused("scan_check_character", { system: "HIBC" });
  const found: Found = {};
  const [first = "", ...parts] = body.slice(1).split("/");
  if (PRODUCT.test(first)) {
    found["device_identifier"] = first;
  } else if (first.startsWith("$") || OLD.test(first)) {
    parts.unshift(first.slice(0, -1));
    found["link"] = first.slice(-1);
  } else {
    throw structure();
  }
  for (const part of parts) {
    for (const [name, element] of Object.entries(partOf(part, year))) {
      if (name in found && JSON.stringify(found[name]) !== JSON.stringify(element))
        throw new ScanRefused("scan_contradiction", { ai: name });
      found[name] = element;
    }
  }
  return found;
}

/** The sum of the values of all characters before it, modulo 43. */
function checkCharacter(text: string): string | undefined {
  const sum = Array.from(text).reduce((total, character) => total + CHARACTERS.indexOf(character), 0);
  return CHARACTERS[sum % CHARACTERS.length];
}

function partOf(part: string, year: number): Found {
  if (part.startsWith("$")) return secondary(part, year);
  const old = OLD.exec(part);
  if (old !== null)
    return { ...inYear("/")(old.slice(1), year), ...numbered("lot", part.slice(old[0].length)) };
  for (const [identifier, name] of Object.entries(FURTHER)) {
    if (!part.startsWith(identifier)) continue;
    const value = part.slice(identifier.length);
    if (name === "serial" || name === "count") return numbered(name, value);
    const dated = FULL_DATE.exec(value);
    if (dated !== null) {
      const [, of = "", in_ = "", on = ""] = dated;
      return { [name]: day(identifier, of, in_, on, year) };
    }
  }
  throw structure();
}

function secondary(part: string, year: number): Found {
  const [, dollars = "", plus, after = ""] = /^(\${1,2})(\+?)(.*)$/.exec(part) ?? [];
  let rest = after;
  let found: Found = {};
  if (dollars === "$$") {
    const quantity = QUANTITY.exec(rest);
    if (quantity !== null) {
      found["count"] = quantity[1] ?? quantity[2] ?? "";
      rest = rest.slice(quantity[0].length);
    }
    const [expiry, left] = expiryOf(rest, year);
    found = { ...found, ...expiry };
    rest = left;
  }
  return { ...found, ...numbered(plus === "+" ? "serial" : "lot", rest) };
}

function expiryOf(text: string, year: number): readonly [Found, string] {
  for (const [pattern, dated] of DATES) {
    const parts = pattern.exec(text);
    if (parts !== null) return [dated(parts.slice(1), year), text.slice(parts[0].length)];
  }
  // A quantity may stand alone, before no date and no lot.
  if (text === "") return [{}, ""];
  throw structure();
}

function numbered(name: string, value: string): Found {
  if (!NUMBER.test(value)) throw structure();
  return value === "" ? {} : { [name]: value };
}

function structure(): ScanRefused {
  return new ScanRefused("scan_structure", { system: "HIBC" });
}
