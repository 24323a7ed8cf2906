// @vitest-environment node
/** Nothing that is signed stays out of sight: every value of a record is on a line. */
import { describe, expect, test } from "vitest";

import { changedFields, type Line, recordLines } from "../../src/signing/record_lines.ts";

const WORDS = { yes: "Yes", no: "No", none: "—", scanned: "scanned", typed: "typed by hand" };
const FORM = {
  texts: { within: { en: "within limits", zh: "合格" } },
  schema: {
    properties: {
      lot: { type: "string", "x-label": { en: "Lot", zh: "批号" } },
      condition: {
        "x-label": { en: "Condition", zh: "状况" },
        "x-labels": { good: { en: "Good", zh: "完好" } },
      },
      ok: { "x-label": { en: "Verdict", zh: "结论" }, "x-labels": { true: { text: "within" } } },
      unit: { "x-label": { en: "Unit", zh: "单位" } },
      length: { "x-unit": "mm", "x-label": { en: "Length", zh: "长度" } },
      weight: { "x-unit": "= unit", "x-label": { en: "Weight", zh: "重量" } },
      readings: {
        "x-label": { en: "Readings", zh: "读数" },
        items: { properties: { value: { "x-label": { en: "Value", zh: "值" }, "x-unit": "= unit" } } },
      },
    },
  },
};

function text(line: Line): string {
  switch (line.kind) {
    case "value":
      return `${line.label}: ${line.value}`;
    case "file":
      return `${line.label}: ${line.files.map((file) => file.name + file.sha256).join()}`;
    case "table":
      return `${line.label}: ${line.columns.join()} ${line.rows.map((row) => row.join()).join(" | ")}`;
    case "group":
      return `${line.label}: ${line.lines.map(text).join("; ")}`;
  }
}

const shown = (data: Record<string, unknown>, language: "en" | "zh" = "en"): string[] =>
  recordLines(FORM, data, language, WORDS).map(text);

describe("in the words of the form", () => {
  test("labels, choices and units", () => {
    expect(shown({ lot: "A1", condition: "good", length: "6.50" })).toEqual([
      "Lot: A1",
      "Condition: Good (good)",
      "Length: 6.50 mm",
    ]);
    expect(shown({ condition: "good" }, "zh")).toEqual(["状况: 完好 (good)"]);
  });

  test("named texts and units that name a field", () => {
    expect(shown({ ok: true, unit: "g", weight: "1.0" })).toEqual([
      "Verdict: within limits",
      "Unit: g",
      "Weight: 1.0 g",
    ]);
  });

  test("rows, with the unit of the row before that of the record", () => {
    expect(shown({ unit: "mm", readings: [{ value: "1.0" }, { value: "2.0", unit: "in" }] })[1]).toBe(
      "Readings: Value,unit 1.0 mm,— | 2.0 in,in",
    );
  });

  test("the order is the form's, whatever the record's", () => {
    expect(shown({ length: "1", lot: "A" })).toEqual(["Lot: A", "Length: 1 mm"]);
  });
});

describe("what the form does not know", () => {
  test("is shown by its own name, at the end", () => {
    expect(shown({ hidden: "secret", lot: "A" })).toEqual(["Lot: A", "hidden: secret"]);
    expect(recordLines(null, { a: { b: ["x"] } }, "en", WORDS).map(text)).toEqual(["a: b: x"]);
  });

  test("nothing and no are said, not left out", () => {
    expect(shown({ lot: "", ok: false, x: null, y: [], z: 0 })).toEqual([
      "Lot: —",
      "Verdict: No",
      "x: —",
      "y: —",
      "z: 0",
    ]);
  });

  test("a scan shows its elements and what was scanned, with its separators visible", () => {
    const scan = {
      raw: "]d210A1\u001d21S",
      elements: { lot: "A1", expiry: { value: "2026-11", precision: "month" } },
    };
    expect(shown({ scan })).toEqual(["scan: lot A1 · expiry 2026-11 []d210A1\u241d21S]"]);
  });

  test("files are known by their content", () => {
    const photo = { sha256: "f".repeat(64), mime: "image/png", name: "box.png" };
    expect(recordLines(FORM, { photo: [photo] }, "en", WORDS)).toMatchObject([
      { kind: "file", files: [photo] },
    ]);
  });
});

test("what differs from the record before is found by value", () => {
  const before = { a: "1", b: { c: [1] }, gone: "x" };
  const changed = changedFields(before, { a: "2", b: { c: [1] }, fresh: "y" });
  expect([...changed]).toEqual([["/a", "1"]]);
});
