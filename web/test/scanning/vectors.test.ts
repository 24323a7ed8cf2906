// @vitest-environment node
/** The cases of tests/vectors/gs1 and udi: a scan is read on the device as it is read on the server. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { readScan, ScanRefused } from "../../src/scanning/index.ts";

interface Case {
  readonly name: string;
  readonly raw: string;
  readonly now: string;
  readonly symbology?: string | null;
  readonly parser?: string;
  readonly elements?: unknown;
  readonly code?: string;
  readonly params?: unknown;
}

const cases = ["gs1", "udi"].flatMap((folder) => {
  const file = new URL(`../../../tests/vectors/${folder}/scans.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] }).cases;
});

describe("scans", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, expected) => {
    try {
      const scan = readScan(expected.raw, Number(expected.now.slice(0, 4)));
      expect({ symbology: scan.symbology, elements: scan.elements }).toEqual({
        symbology: expected.symbology,
        elements: expected.elements,
      });
      expect(scan.raw).toBe(expected.raw);
      expect(scan.parser).toBe(expected.parser ?? "gs1/1");
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
      expect(error.code).toBe(expected.code);
      expect(error.params).toEqual(expected.params);
    }
  });
});
