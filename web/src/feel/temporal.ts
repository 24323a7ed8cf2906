/** Dates, times and durations: the twin of forms/feel/temporal.py, which says what they are. */

export const NANOS = 1_000_000_000;
const DAY_SECONDS = 86_400;
const DAY = DAY_SECONDS * NANOS;
const NANOS_BIG = 1_000_000_000n;
const DAY_BIG = 86_400_000_000_000n;
const MAX_YEAR = 999_999_999;
const MAX_NANOS = 10n ** 27n;
const MAX_MONTHS = 10n ** 12n;
export const MAX_OFFSET = 14 * 3600;

/** A date (`days` since 1970), a time of day (`nanos`), or both; with an offset, a zone, or neither. */
export class Moment {
  readonly kind: "date" | "time" | "date and time";
  readonly days: number;
  readonly nanos: number;
  readonly offset: number | null;
  readonly zone: string | null;

  constructor(
    kind: Moment["kind"],
    days: number,
    nanos = 0,
    offset: number | null = null,
    zone: string | null = null,
  ) {
    this.kind = kind;
    this.days = days;
    this.nanos = nanos;
    this.offset = offset;
    this.zone = zone;
  }
}

/** Nanoseconds, or months. */
export class Duration {
  readonly kind: "days and time duration" | "years and months duration";
  readonly amount: bigint;

  constructor(kind: Duration["kind"], amount: bigint) {
    this.kind = kind;
    this.amount = amount;
  }
}

// --- the calendar

const div = (a: number, b: number): number => Math.floor(a / b);
const mod = (a: number, b: number): number => a - b * Math.floor(a / b);

export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = div(shifted, 400);
  const ofEra = shifted - era * 400;
  const ofYear = div(153 * ((month + 9) % 12) + 2, 5) + day - 1;
  return era * 146_097 + ofEra * 365 + div(ofEra, 4) - div(ofEra, 100) + ofYear - 719_468;
}

export function civilFromDays(days: number): [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = div(shifted, 146_097);
  const ofEra = shifted - era * 146_097;
  const year = div(ofEra - div(ofEra, 1460) + div(ofEra, 36_524) - div(ofEra, 146_096), 365);
  const ofYear = ofEra - (365 * year + div(year, 4) - div(year, 100));
  const shiftedMonth = div(5 * ofYear + 2, 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - div(153 * shiftedMonth + 2, 5) + 1];
}

const MIN_DAYS = daysFromCivil(-MAX_YEAR, 1, 1);
const MAX_DAYS = daysFromCivil(MAX_YEAR, 12, 31);
const inCalendar = (days: number): boolean => days >= MIN_DAYS && days <= MAX_DAYS;

function monthLength(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function makeDate(year: number, month: number, day: number): Moment | null {
  if (Math.abs(year) > MAX_YEAR || month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
    return null;
  }
  return new Moment("date", daysFromCivil(year, month, day));
}

export const weekday = (days: number): number => mod(days + 3, 7) + 1;

// --- named zones

const ZONE =
  /^(?:UTC|GMT|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)(?:\/[A-Z][A-Za-z0-9_+-]*){1,2})$/;
const clocks = new Map<string, Intl.DateTimeFormat | null>();

function clockOf(zone: string): Intl.DateTimeFormat | null {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    try {
      clock = ZONE.test(zone)
        ? new Intl.DateTimeFormat("en-US", {
            timeZone: zone,
            hourCycle: "h23",
            year: "numeric",
            month: "numeric",
            day: "numeric",
            hour: "numeric",
            minute: "numeric",
            second: "numeric",
          })
        : null;
    } catch {
      clock = null;
    }
    clocks.set(zone, clock);
  }
  return clock;
}

/** Seconds east of UTC at `seconds` since 1970, in the years 1 to 9999. */
function offsetOfInstant(zone: string, seconds: number): number {
  const clock = clockOf(zone);
  if (clock === null) return 0;
  const moment = Math.min(Math.max(seconds, -62_135_424_000), 253_402_128_000);
  const part = new Map(
    clock.formatToParts(moment * 1000).map((found) => [found.type, Number(found.value)] as const),
  );
  const at = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
  const days = daysFromCivil(at("year"), at("month"), at("day"));
  return days * DAY_SECONDS + at("hour") * 3600 + at("minute") * 60 + at("second") - moment;
}

/** A local time that the clock skips or shows twice is read with the offset before the change. */
function offsetOfLocal(zone: string, seconds: number): number {
  const before = offsetOfInstant(zone, seconds - DAY_SECONDS);
  const after = offsetOfInstant(zone, seconds + DAY_SECONDS);
  if (before === after || offsetOfInstant(zone, seconds - before) === before) return before;
  return offsetOfInstant(zone, seconds - after) === after ? after : before;
}

// --- reading

const DATE = "(-?(?:\\d{4}|[1-9]\\d{4,8}))-(\\d\\d)-(\\d\\d)";
const TIME =
  "(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,30}))?(Z|[+-]\\d\\d:\\d\\d(?::\\d\\d)?|@[A-Za-z0-9_+/-]+)?";
const DATE_ONLY = new RegExp(`^${DATE}$`);
const TIME_ONLY = new RegExp(`^${TIME}$`);
const DATE_TIME = new RegExp(`^${DATE}T${TIME}$`);
const YEARS_MONTHS = /^(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?$/;
const DAYS_TIME =
  /^(-?)P(?:(\d{1,12})D)?(?:T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,18})(?:\.(\d{0,30}))?S)?)?$/;
type Groups = readonly (string | undefined)[];

export function parseDate(text: string): Moment | null {
  const found = DATE_ONLY.exec(text);
  return found && dateOfGroups(found);
}

const dateOfGroups = (found: Groups): Moment | null =>
  makeDate(Number(found[1]), Number(found[2]), Number(found[3]));

export function parseTime(text: string): Moment | null {
  const found = TIME_ONLY.exec(text);
  const clock = found && clockOfGroups(found.slice(1));
  return clock && new Moment("time", 0, ...clock);
}

export function parseDateTime(text: string): Moment | null {
  const found = DATE_TIME.exec(text);
  if (!found) {
    const midnight = parseDate(text);
    return midnight && new Moment("date and time", midnight.days);
  }
  const date = dateOfGroups(found);
  const clock = clockOfGroups(found.slice(4));
  return date && clock && at(date.days, ...clock);
}

/** The date and time with these local fields; a named zone brings its offset. */
export function at(days: number, nanos: number, offset: number | null, zone: string | null): Moment | null {
  if (!inCalendar(days)) return null;
  const own = zone === null ? offset : offsetOfLocal(zone, days * DAY_SECONDS + div(nanos, NANOS));
  return new Moment("date and time", days, nanos, own, zone);
}

function clockOfGroups(groups: Groups): [nanos: number, offset: number | null, zone: string | null] | null {
  const [hour, minute, second] = groups.slice(0, 3).map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const nanos = (hour * 3600 + minute * 60 + second) * NANOS + fraction(groups[3]);
  const zone = groups[4];
  if (zone === undefined) return [nanos, null, null];
  if (zone === "Z") return [nanos, 0, null];
  if (zone.startsWith("@")) {
    const name = zone.slice(1);
    return clockOf(name) && [nanos, null, name];
  }
  const [hours, minutes, seconds = 0] = zone.slice(1).split(":").map(Number) as [number, number, number?];
  const offset = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || offset > MAX_OFFSET) return null;
  return [nanos, zone.startsWith("-") && offset ? -offset : offset, null];
}

const fraction = (digits = ""): number => Number(digits.slice(0, 9).padEnd(9, "0"));

export function parseDuration(text: string): Duration | null {
  let found = YEARS_MONTHS.exec(text) as Groups | null;
  if (found && (found[2] || found[3])) {
    const months = BigInt(found[2] ?? 0) * 12n + BigInt(found[3] ?? 0);
    return yearsMonths(found[1] ? -months : months);
  }
  found = DAYS_TIME.exec(text);
  if (!found || text.endsWith("T") || !found.slice(2, 6).some(Boolean)) return null;
  const [days, hours, minutes, seconds] = found.slice(2, 6).map((part) => BigInt(part ?? 0)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const nanos =
    (days * 86_400n + hours * 3600n + minutes * 60n + seconds) * NANOS_BIG + BigInt(fraction(found[6]));
  return daysTime(found[1] ? -nanos : nanos);
}

/** What @"…" stands for. */
export function parseTemporal(text: string): Moment | Duration | null {
  if (text.slice(0, 2).includes("P")) return parseDuration(text);
  if (text.indexOf("T") > 0) return parseDateTime(text);
  return parseDate(text) ?? parseTime(text);
}

const abs = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

export function yearsMonths(months: bigint): Duration | null {
  return abs(months) > MAX_MONTHS ? null : new Duration("years and months duration", months);
}

export function daysTime(nanos: bigint): Duration | null {
  return abs(nanos) > MAX_NANOS ? null : new Duration("days and time duration", nanos);
}

// --- writing

const two = (part: number): string => String(part).padStart(2, "0");
const formatFraction = (nanos: number): string =>
  nanos ? `.${String(nanos).padStart(9, "0")}`.replace(/0+$/, "") : "";

export function formatMoment(value: Moment): string {
  let date = "";
  if (value.kind !== "time") {
    const [year, month, day] = civilFromDays(value.days);
    date = `${year < 0 ? "-" : ""}${String(Math.abs(year)).padStart(4, "0")}-${two(month)}-${two(day)}`;
    if (value.kind === "date") return date;
    date += "T";
  }
  const seconds = div(value.nanos, NANOS);
  const clock = `${two(div(seconds, 3600))}:${two(div(seconds, 60) % 60)}:${two(seconds % 60)}`;
  return date + clock + formatFraction(value.nanos % NANOS) + formatZone(value);
}

function formatZone({ offset, zone }: Moment): string {
  if (zone !== null) return `@${zone}`;
  if (offset === null) return "";
  if (offset === 0) return "Z";
  const seconds = Math.abs(offset);
  const tail = seconds % 60 ? `:${two(seconds % 60)}` : "";
  return `${offset < 0 ? "-" : "+"}${two(div(seconds, 3600))}:${two(div(seconds, 60) % 60)}${tail}`;
}

/** [days, hours, minutes, seconds, nanoseconds] of a duration without its sign. */
export function partsOf(nanos: bigint): [number, number, number, number, number] {
  const seconds = abs(nanos) / NANOS_BIG;
  const part = (unit: bigint, of: bigint): number => Number((seconds / unit) % of);
  return [
    Number(seconds / 86_400n),
    part(3600n, 24n),
    part(60n, 60n),
    part(1n, 60n),
    Number(abs(nanos) % NANOS_BIG),
  ];
}

export function formatDuration({ kind, amount }: Duration): string {
  const sign = amount < 0n ? "-" : "";
  const unit = (value: number | bigint, letter: string): string => (value ? `${value}${letter}` : "");
  if (kind === "years and months duration") {
    return amount ? `${sign}P${unit(abs(amount) / 12n, "Y")}${unit(abs(amount) % 12n, "M")}` : "P0M";
  }
  const [days, hours, minutes, seconds, nanos] = partsOf(amount);
  const fine = seconds || nanos ? `${seconds}${formatFraction(nanos)}S` : "";
  const clock = unit(hours, "H") + unit(minutes, "M") + fine;
  return amount ? `${sign}P${unit(days, "D")}${clock && `T${clock}`}` : "PT0S";
}

// --- arithmetic

/** Nanoseconds since 1970 in UTC; without offset: of the local clock. */
export function instant(value: Moment): bigint {
  return BigInt(value.days) * DAY_BIG + BigInt(value.nanos) - BigInt(value.offset ?? 0) * NANOS_BIG;
}

/** The moment later (or, with sign −1, earlier) by a duration. */
export function later(moment: Moment, by: Duration, sign: bigint): Moment | null {
  const amount = by.amount * sign;
  if (by.kind === "years and months duration") return laterByMonths(moment, amount);
  if (moment.kind === "time") {
    const nanos = BigInt(moment.nanos) + amount;
    return new Moment(
      "time",
      0,
      Number(nanos - floorDiv(nanos, DAY_BIG) * DAY_BIG),
      moment.offset,
      moment.zone,
    );
  }
  if (moment.kind === "date") {
    const days = Number(BigInt(moment.days) + floorDiv(amount, DAY_BIG));
    return inCalendar(days) ? new Moment("date", days) : null;
  }
  const then = instant(moment) + amount;
  const offset =
    moment.zone === null ? moment.offset : offsetOfInstant(moment.zone, Number(floorDiv(then, NANOS_BIG)));
  const local = then + BigInt(offset ?? 0) * NANOS_BIG;
  const days = floorDiv(local, DAY_BIG);
  if (!inCalendar(Number(days))) return null;
  return new Moment("date and time", Number(days), Number(local - days * DAY_BIG), offset, moment.zone);
}

function laterByMonths(moment: Moment, months: bigint): Moment | null {
  if (moment.kind === "time") return null;
  const [year, month, day] = civilFromDays(moment.days);
  const total = year * 12 + month - 1 + Number(months);
  const newYear = div(total, 12);
  const newMonth = mod(total, 12) + 1;
  if (Math.abs(newYear) > MAX_YEAR) return null;
  const days = daysFromCivil(newYear, newMonth, Math.min(day, monthLength(newYear, newMonth)));
  return moment.kind === "date"
    ? new Moment("date", days)
    : at(days, moment.nanos, moment.offset, moment.zone);
}

/** Whole months from `start` to `end`, cut off towards zero. */
export function monthsBetween(start: Moment, end: Moment): Duration {
  const forward = start.days <= end.days;
  const [first, last] = forward ? [start, end] : [end, start];
  const [year, month, day] = civilFromDays(first.days);
  const [lastYear, lastMonth, lastDay] = civilFromDays(last.days);
  let months = (lastYear - year) * 12 + lastMonth - month;
  if (lastDay < day || (lastDay === day && last.nanos < first.nanos)) months -= 1;
  months = Math.max(months, 0);
  return new Duration("years and months duration", BigInt(forward ? months : -months));
}

export { DAY };
