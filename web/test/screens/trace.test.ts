/** The order in which a trace is read: each lot below the one it was reached by, nearest first. */
import { expect, test } from "vitest";

import { asTree, type Step } from "../../src/screens/trace/wire.ts";

function step(lot: string, via: string | null, depth: number): Step {
  return {
    lot_id: lot,
    lot_number: lot,
    origin: "purchased",
    item_number: "I",
    item_names: { en: "I", zh: "I" },
    supplier: null,
    supplier_lot: null,
    unit: "ea",
    depth,
    via,
    amount: null,
    amount_unit: null,
    instead_of: null,
    on_hold: false,
    stock: [],
  };
}

test("a lot stands below the one it was reached by, in the order of the server", () => {
  const given = [
    step("A", null, 0),
    step("B", "A", 1),
    step("C", "A", 1),
    step("D", "B", 2),
    step("E", "C", 2),
  ];
  expect(asTree(given).map(({ lot_id }) => lot_id)).toEqual(["A", "B", "D", "C", "E"]);
});

test("a lot that the server cut off takes nothing else with it", () => {
  expect(asTree([]).length).toBe(0);
  expect(asTree([step("A", null, 0), step("Z", "not shown", 3)]).length).toBe(1);
});
