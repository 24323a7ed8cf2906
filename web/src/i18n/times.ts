/**
 * Times as people read them: always with the zone they are told in, never by the device's clock alone.
 * Everything on the wire is UTC.
 */
import type { Language } from "../design/preferences.ts";

const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;

/** A zone that this browser knows, with the format that writes its times. To make one takes longer than a screen. */
interface Clock {
  readonly zone: string;
  readonly format: Intl.DateTimeFormat;
}

const clocks = new Map<string, Clock>();

function clock(zone: string): Clock {
  let found = clocks.get(zone);
  if (found === undefined) {
    found = clockOf(zone) ?? clock("UTC");
    clocks.set(zone, found);
  }
  return found;
}

function clockOf(zone: string): Clock | null {
  try {
    return { zone, format: formatOf(zone) };
  } catch {
    return null; // a zone that this browser does not know
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  });
}

function parts(iso: string, zone: string): Record<string, string> {
  const written = clock(zone).format.formatToParts(new Date(iso));
  return Object.fromEntries(written.map(({ type, value }) => [type, value]));
}

/** The zone if this browser knows it, else UTC. */
export function knownZone(zone: string | null | undefined): string {
  return zone ? clock(zone).zone : "UTC";
}

/** "+08:00" of a moment in a zone. */
export function offsetAt(iso: string, zone: string): string {
  return offsetIn(parts(iso, knownZone(zone)));
}

function offsetIn(written: Record<string, string>): string {
  const name = written["timeZoneName"] ?? "GMT";
  return name === "GMT" ? "+00:00" : name.replace("GMT", "");
}

/** "2026-11-22 18:41:07 +08:00": what a record shows. */
export function fullTime(iso: string, zone: string): string {
  const p = parts(iso, knownZone(zone));
  return `${p["year"]}-${p["month"]}-${p["day"]} ${p["hour"]}:${p["minute"]}:${p["second"]} ${offsetIn(p)}`;
}

/** "2026-11-22 18:41": where the zone has been said already. */
export function shortTime(iso: string, zone: string): string {
  return fullTime(iso, zone).slice(0, 16);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const distances = new Map<Language, Intl.RelativeTimeFormat>();

function distanceFormat(language: Language): Intl.RelativeTimeFormat {
  let found = distances.get(language);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" });
    distances.set(language, found);
  }
  return found;
}

/** "in 3 hours", "2 天前": how far a moment is from now. */
export function distance(iso: string, now: number, language: Language): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? (["minute", 60] as const);
  return distanceFormat(language).format(Math.trunc(seconds / length), unit);
}
