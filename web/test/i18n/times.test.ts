// @vitest-environment node
/** Times are told in the zone of the record, with its offset, whatever the device thinks. */
import { expect, test } from "vitest";

import { distance, fullTime, knownZone, offsetAt, shortTime } from "../../src/i18n/times.ts";

const AT = "2026-11-22T10:41:07.123456Z";

test("in the zone asked for, with its offset", () => {
  expect(fullTime(AT, "Asia/Shanghai")).toBe("2026-11-22 18:41:07 +08:00");
  expect(fullTime(AT, "UTC")).toBe("2026-11-22 10:41:07 +00:00");
  expect(fullTime(AT, "America/St_Johns")).toBe("2026-11-22 07:11:07 -03:30");
  expect(shortTime(AT, "Asia/Shanghai")).toBe("2026-11-22 18:41");
});

test("midnight is 00, and the date is the zone's", () => {
  expect(fullTime("2026-11-22T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-23 00:00:00 +08:00");
});

test("summer time has its own offset", () => {
  expect(offsetAt("2026-07-01T00:00:00Z", "Europe/Berlin")).toBe("+02:00");
  expect(offsetAt("2026-12-01T00:00:00Z", "Europe/Berlin")).toBe("+01:00");
});

test("a zone nobody knows is UTC, not an error", () => {
  expect(knownZone("Mars/Olympus")).toBe("UTC");
  expect(knownZone(null)).toBe("UTC");
});

test("how far away, in words", () => {
  const now = Date.parse(AT);
  expect(distance("2026-11-22T13:41:07Z", now, "en")).toBe("in 2 hours");
  expect(distance("2026-11-20T10:41:07Z", now, "zh")).toBe("前天");
  expect(distance("2026-11-22T10:41:30Z", now, "en")).toBe("this minute");
});
