// @vitest-environment node
/**
 * The wire from our end: the server's golden snapshots (tests/golden/api) are read with the very readers the
 * screens use, and what is not as agreed is named by its place.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { decimal, oneOf, type Shape, WireMismatch } from "../../src/api/shapes.ts";
import * as wire from "../../src/api/wire.ts";

const GOLDEN = fileURLToPath(new URL("../../../tests/golden/api/", import.meta.url));

/** File name -> reader. The server's test (tests/api/test_golden_wire.py) writes them. */
const READERS: Readonly<Record<string, Shape<unknown>>> = {
  session: wire.session,
  worklist: wire.worklist,
  work_item: wire.workItemDetail,
  processes: wire.processes,
  instances: wire.instances,
  instance: wire.instance,
  history: wire.history,
  accepted: wire.acceptance,
  problem: wire.problem,
  scan: wire.scan,
  items: wire.ledgerItems,
  lots: wire.lots,
  lot: wire.lotDetail,
  verification: wire.verification,
};

describe("the server's snapshots", () => {
  test("are all there, and each has its reader", () => {
    expect(readdirSync(GOLDEN).toSorted()).toEqual(
      Object.keys(READERS)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });

  test.each(Object.entries(READERS))("%s is understood", (name, reader) => {
    const body: unknown = JSON.parse(readFileSync(`${GOLDEN}${name}.json`, "utf-8"));
    expect(() => reader(body, "")).not.toThrow();
  });
});

describe("what a step's fields replace", () => {
  const item = wire.workItemDetail(JSON.parse(readFileSync(`${GOLDEN}work_item.json`, "utf-8")), "");

  test("is the case's variables where each field is one of them", () => {
    expect(wire.recordedBefore({ ...item, result: null, variables: { unit: "ea" } })).toEqual({ unit: "ea" });
  });

  test("is its earlier answer where one variable takes the whole, never a variable that happens to be called alike", () => {
    const variables = { unit: "ea", measured: { unit: "mm" } };
    expect(wire.recordedBefore({ ...item, result: "measured", variables })).toEqual({ unit: "mm" });
    expect(wire.recordedBefore({ ...item, result: "measured", variables: { unit: "ea" } })).toEqual({});
  });
});

describe("what is not as agreed", () => {
  test("is named by its place", () => {
    expect(() => wire.worklist({ items: [{ work_item_id: 7 }], next: null }, "")).toThrow(
      new WireMismatch("/items/0/work_item_id", "a string", 7),
    );
  });

  test("a decimal is text: a JSON number has lost its digits already", () => {
    expect(decimal("12.50", "")).toBe("12.50");
    for (const wrong of [12.5, "1e3", "", ".5", "1,5", "NaN"])
      expect(() => decimal(wrong, "/q")).toThrow("/q");
  });

  test("an unknown word is refused, an unknown field is not", () => {
    expect(() => oneOf("a", "b")("c", "")).toThrow("a | b");
    expect(wire.history({ entries: [], verified: true, more: 1 }, "")).toEqual({
      entries: [],
      verified: true,
    });
  });
});

test("an empty title is no title", () => {
  const instances = wire.instances(
    {
      items: [
        {
          process_instance_id: "i",
          process_id: "p",
          process_names: { en: "P", zh: "流" },
          title: "",
          status: "running",
          started_at: "2026-11-22T10:00:00Z",
          finished_at: null,
        },
      ],
      next: null,
    },
    "",
  );
  expect(instances.items[0]!.title).toBeNull();
});

test("a problem without a body of ours still says something", () => {
  expect(wire.problem({}, "")).toMatchObject({ reason: "", errors: [], incident: null });
});
