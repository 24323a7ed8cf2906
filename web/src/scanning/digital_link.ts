/**
 * GS1 Digital Link: element strings in the path and query of a web address.
 *
 * Read from the text alone; the address is never opened. The key must come with the qualifiers that GS1
 * allows for it, in order; query parameters that are no application identifier are ignored.
 */
import { type Elements, type Pair, understand } from "./element_strings.ts";
import { identifiers, table } from "./identifiers.ts";
import { ScanRefused } from "./refusals.ts";

// \x1d (GS) beside \s: Python counts it as space, JavaScript does not.

const LINK = /^https?:\/\/[^/?#\s\x1d]+(\/[^?#\s\x1d]*)(?:\?([^#\s\x1d]*))?(?:#[^\s\x1d]*)?$/i;
const SHORT_GTINS = [8, 12, 13];

/** Read a link; `year` is the year we are in. Throws ScanRefused. */
export function readDigitalLink(text: string, year: number): Elements {
  const found = LINK.exec(text);
  if (found?.[1] === undefined) throw new ScanRefused("scan_link");
  return understand([...path(found[1]), ...query(found[2] ?? "")], year);
}

function path(text: string): Pair[] {
  const steps = text.replace(/^\/+|\/+$/g, "").split("/");
  const start = steps.findIndex((step) => Object.hasOwn(table.linkKeys, step));
  const used = steps.slice(start);
  if (start < 0 || used.length % 2 !== 0) throw new ScanRefused("scan_link");
  const keys = used.filter((_, at) => at % 2 === 0);
  const allowed = table.linkKeys[keys[0] ?? ""] ?? [];
  let reached = -1;
  for (const key of keys.slice(1)) {
    const at = allowed.indexOf(key, reached + 1);
    if (at < 0) throw new ScanRefused("scan_link");
    reached = at;
  }
  return keys.map((key, at) => pair(key, used[2 * at + 1] ?? ""));
}

function query(text: string): Pair[] {
  return text
    .split("&")
    .map((part): [string, string] => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    })
    .filter(([key]) => identifiers.has(key))
    .map(([key, value]) => pair(key, value));
}

function pair(ai: string, escaped: string): Pair {
  let value = escaped.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (ai === "01" && SHORT_GTINS.includes(value.length)) value = value.padStart(14, "0");
  const identifier = identifiers.get(ai);
  // Not a match up to the end: percent signs may be read in two ways, and 40 of them in 2^40.
  if (identifier === undefined || value === "" || identifier.value.atStart.exec(value)?.[0] !== value) {
    throw new ScanRefused("scan_value", { ai, value: escaped.slice(0, 30) });
  }
  return [identifier, value];
}
