/**
 * One scan: what kind of text it is, and what it holds.
 *
 * Order of reading, as in forms/barcodes/scans.py: nothing but ASCII; the symbology identifier (AIM, "]d2");
 * the bracketed text that is printed below a code, refused; a GS1 Digital Link; device identifiers of
 * the other issuing entities, HIBC and MA; a bare GTIN (EAN, UPC, ITF); GS1 element strings.
 */
import { readDigitalLink } from "./digital_link.ts";
import { checkDigitIsRight, type Elements, identifierAt, readElementStrings } from "./element_strings.ts";
import { HIBC_PARSER, readHibc } from "./hibc.ts";
import { table } from "./identifiers.ts";
import { MA_PARSER, readMa } from "./ma.ts";
import { GROUP_SEPARATOR, VISIBLE_SEPARATOR } from "./scan_field.ts";
import { ScanRefused } from "./refusals.ts";

/** A scan that was understood, as forms keep it and as the API answers it. */
export interface Scan {
  /** What the scanner sent, symbology identifier and separators included. */
  readonly raw: string;
  readonly symbology: string | null;
  readonly parser: string;
  readonly elements: Elements;
}

/** Characters. The longest GS1 DataMatrix in use on devices holds about 200. */
const LONGEST_SCAN = 500;

/** AIM identifiers that promise GS1 element strings (ISO/IEC 15424). */
const ELEMENT_SYMBOLOGIES = ["]C1", "]d2", "]Q3", "]e0", "]J1"];

/** AIM identifiers of symbols that hold a bare GTIN, with the lengths it may have. */
const GTIN_SYMBOLOGIES: Readonly<Record<string, readonly number[]>> = {
  "]E0": [12, 13],
  "]E4": [8],
  "]I0": [14],
  "]I1": [14],
};

/** AIM identifiers of plain QR Code and Data Matrix, where only a Digital Link is GS1 data. */
const LINK_SYMBOLOGIES = ["]Q0", "]Q1", "]Q2", "]d0", "]d1"];

/** AIM identifiers of symbols that hold any text: what the text is, it says itself. */
const PLAIN = /^\](?:C[012]|A[0-57]|d[01]|Q[012]|L[012]|z0)$/;

/** Read what a scanner sent. `year` decides the century of two-digit years. Throws ScanRefused. */
export function readScan(raw: string, year: number): Scan {
  if (Array.from(raw).length > LONGEST_SCAN) throw new ScanRefused("scan_too_long", { limit: LONGEST_SCAN });
  const text = raw.replace(/[\r\n]+$/, "");
  refuseForeignCharacters(text);
  const symbology = /^\][A-Za-z][0-9A-Za-z]/.exec(text)?.[0] ?? null;
  const content = (symbology === null ? text : text.slice(3)).replace(/^\x1d+|\x1d+$/g, "");
  if (content === "") throw new ScanRefused("scan_empty");
  if (symbology === null || PLAIN.test(symbology)) {
    if (/^\+[0-9A-Z$]/.test(content))
      return { raw, symbology, parser: HIBC_PARSER, elements: readHibc(content, year) };
    if (/^MA\.[0-9]{3}\./.test(content))
      return { raw, symbology, parser: MA_PARSER, elements: readMa(content, year) };
  }
  return { raw, symbology, parser: table.parser, elements: readContent(symbology, content, year) };
}

function refuseForeignCharacters(text: string): void {
  // A Chinese input method turns 0 into full-width ０.
  for (const character of Array.from(text)) {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0x7f) throw new ScanRefused("scan_not_ascii", { character: shown(character) });
    if ((code < 0x20 && character !== GROUP_SEPARATOR) || code === 0x7f)
      throw new ScanRefused("scan_control_character");
  }
}

function readContent(symbology: string | null, text: string, year: number): Elements {
  if (text.startsWith("(")) throw new ScanRefused("scan_bracketed");
  if (/^https?:\/\//i.test(text)) return readDigitalLink(text, year);
  const lengths = symbology === null ? undefined : GTIN_SYMBOLOGIES[symbology];
  if (lengths !== undefined) return { gtin: gtin(text, lengths) };
  if (symbology !== null && !ELEMENT_SYMBOLOGIES.includes(symbology)) {
    const code = LINK_SYMBOLOGIES.includes(symbology) ? "scan_unknown" : "scan_symbology";
    throw new ScanRefused(code, { symbology, start: shown(text.slice(0, 20)) });
  }
  return symbology === null ? readUnmarked(text, year) : readElementStrings(text, year);
}

/**
 * Read a scan that does not say its symbology: element strings, or a bare GTIN.
 *
 * Without that promise a plain label may look like one: "10-A" like lot "-A". So an unmarked scan holds a key
 * (GTIN, SSCC …) or at least two elements. Eight digits are never taken for a GTIN-8: one internal number in ten
 * has a right check digit by chance. Digits that are a GTIN and element strings too are refused.
 */
function readUnmarked(text: string, year: number): Elements {
  const isGtin = /^[0-9]{12,14}$/.test(text) && checkDigitIsRight(text);
  let elements: Elements;
  try {
    elements = readElementStrings(text, year);
  } catch (error) {
    if (isGtin) return { gtin: text.padStart(14, "0") };
    if (beginsWithKey(text)) throw error;
    throw new ScanRefused("scan_unknown", { start: shown(text.slice(0, 20)) });
  }
  if (Object.keys(elements).length > 1 || beginsWithKey(text)) return elements;
  if (isGtin) throw new ScanRefused("scan_ambiguous");
  throw new ScanRefused("scan_unknown", { start: shown(text.slice(0, 20)) });
}

function beginsWithKey(text: string): boolean {
  const identifier = identifierAt(text);
  return identifier !== undefined && table.keys.includes(identifier.ai);
}

function gtin(text: string, lengths: readonly number[]): string {
  if (!/^[0-9]+$/.test(text) || !lengths.includes(text.length)) {
    throw new ScanRefused("scan_value", { ai: "01", value: shown(text.slice(0, 20)) });
  }
  if (!checkDigitIsRight(text)) throw new ScanRefused("scan_check_digit", { ai: "01", value: text });
  return text.padStart(14, "0");
}

/** A piece of a scan, fit to stand in a sentence. */
function shown(text: string): string {
  if (text.includes(GROUP_SEPARATOR)) return text.replaceAll(GROUP_SEPARATOR, VISIBLE_SEPARATOR);
  return /^(?: |[^\p{C}\p{Z}])*$/u.test(text) ? text : "\ufffd";
}
