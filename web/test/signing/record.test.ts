// @vitest-environment node
/** The record that is signed: built as agreed, and the same bytes and hash as Python's (tests/vectors/signing). */
import { readFileSync } from "node:fs";

import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";

import { domainHash } from "../../src/pending/canonical.ts";
import { cancellationRecord, completionRecord } from "../../src/signing/record.ts";
import { hashPrefix, recordHash } from "../../src/signing/record_hash.ts";

interface Vectors {
  readonly domain: string;
  readonly cases: readonly {
    readonly name: string;
    readonly record: Record<string, unknown>;
    readonly canonical: string;
    readonly hash: string;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/signing/records.json", import.meta.url), "utf-8"),
) as Vectors;

describe("vectors shared with Python", () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))(
    "%s",
    (_name, { record, canonical, hash }) => {
      expect(canonicalize(record)).toBe(canonical);
      expect(recordHash(record)).toBe(hash);
      expect(domainHash(vectors.domain, record)).toBe(hash);
    },
  );

  test("there is something to compare", () => {
    expect(vectors.cases.length).toBeGreaterThan(10);
    expect(new Set(vectors.cases.map(({ hash }) => hash)).size).toBe(vectors.cases.length);
  });
});

const COMPLETION = {
  tenant: "demo",
  item: {
    work_item_id: "0193f7a2-1111-7000-8000-000000000001.7",
    process_instance_id: "0193f7a2-1111-7000-8000-000000000001",
    activity_id: "Documents",
    visit: 1,
    definition_hash: "a".repeat(64),
    form_hash: "b".repeat(64),
  },
  data: { certificate: "COC-2026-8841", lot_matches: true, quantity: "12.50" },
  meaning: {
    code: "PERF",
    statement: { en: "I performed this step as recorded here.", zh: "本人已执行该步骤。" },
  },
  language: "en",
  signer: "ben",
  why: null,
} as const;

test("a completion is built as the vector says", () => {
  expect(completionRecord(COMPLETION)).toEqual(vectors.cases[0]!.record);
});

test("the statement is the sentence in the language it was read in", () => {
  expect(completionRecord({ ...COMPLETION, language: "zh" }).statement).toBe("本人已执行该步骤。");
});

test("whatever is changed changes the hash", () => {
  const hash = recordHash(completionRecord(COMPLETION));
  const others = [
    { ...COMPLETION, signer: "cleo" },
    { ...COMPLETION, why: "" },
    { ...COMPLETION, data: { ...COMPLETION.data, quantity: "12.5" } },
    { ...COMPLETION, item: { ...COMPLETION.item, visit: 2 } },
    { ...COMPLETION, language: "zh" as const },
  ];
  for (const other of others) expect(recordHash(completionRecord(other))).not.toBe(hash);
});

test("a cancellation is built as the vector says", () => {
  const expected = vectors.cases.find(({ record }) => record["kind"] === "process_instance.cancelled")!;
  const { v, kind, ...fields } = expected.record;
  expect([v, kind]).toEqual(["1", "process_instance.cancelled"]);
  expect(recordHash(cancellationRecord(fields as unknown as Parameters<typeof cancellationRecord>[0]))).toBe(
    expected.hash,
  );
});

test("a prefix is four groups of four", () => {
  expect(hashPrefix("9f3ca1e2".repeat(8))).toBe("9f3c a1e2 9f3c a1e2");
});
