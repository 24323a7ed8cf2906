// @vitest-environment node
/** What the screen is told after a change: the fields that changed, and no others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { Decimal } from "../../src/feel/decimal.ts";
import { type ClientForm, loadModel } from "../../src/forms/model.ts";
import { nextScreen, withDefaults } from "../../src/forms/screen.ts";

const load = (name: string): ClientForm => {
  const path = join(import.meta.dirname, "../../../tests/vectors/forms", `${name}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { form: ClientForm }).form;
};
const measuring = loadModel(load("measure_samples"));
const every = loadModel(load("every_field"));
const around = (context: Record<string, unknown>) => ({
  context,
  now: "2026-11-22T10:41:07Z",
  onScreen: true,
});
const MEASURING = around({
  characteristic: { unit: "mm", decimals: 2, lower: new Decimal("9.9"), upper: new Decimal("10.1") },
  sample_size: 3,
  instruments: ["CAL-01"],
});

it("a key in one reading changes the state of its own cell and of what is worked out from it", () => {
  const others = [{ value: "10.02" }, { value: "10.03" }];
  const before = nextScreen(measuring, MEASURING, { readings: [{ value: "10.0" }, ...others] }, null);
  const after = nextScreen(measuring, MEASURING, { readings: [{ value: "10.01" }, ...others] }, before);
  const changed = Array.from(after.states.keys()).filter(
    (key) => after.states.get(key) !== before.states.get(key),
  );
  expect(changed.sort()).toEqual(["/mean", "/readings", "/readings/0/value"]);
});

it("a table gets the rows the case asks for; rows that hold something are never dropped", () => {
  const rows = (data: Record<string, unknown>): unknown =>
    nextScreen(measuring, MEASURING, data, null).data["readings"];
  expect(rows({})).toEqual([{}, {}, {}]);
  expect(rows({ readings: [{}, {}, {}, {}, {}] })).toEqual([{}, {}, {}]);
  expect(rows({ readings: [{}, {}, {}, {}, { value: "1" }] })).toHaveLength(5);
});

it("a default is filled in where nothing was entered, and stays out of the way where something was", () => {
  const context = around({ home_site: "Suzhou", required_documents: [], pieces_expected: 10, gauges: [] });
  expect(withDefaults(every, context, {})).toMatchObject({ site: "Suzhou" });
  expect(withDefaults(every, context, { site: "Tuttlingen" })).toEqual({ site: "Tuttlingen" });
});
