/** The device leads where the shared cases of tests/vectors/stretches say, as the engine does. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { Decimal } from "../feel/index.ts";
import {
  begin,
  complete,
  foretold,
  type Exact,
  fromExact,
  isKnown,
  type Machine,
  NotOpen,
  type State,
  toExact,
} from "./index.ts";
import { variablesOf } from "./running.ts";

const FOLDER = join(import.meta.dirname, "../../../tests/vectors/stretches");

type Place = readonly [activity: string, visit: number, index: number | null];

interface Vector {
  readonly name: string;
  readonly machine: Machine;
  readonly steps: readonly {
    readonly start?: string;
    readonly address?: Place;
    readonly values: Exact;
    readonly server?: boolean;
    readonly open?: readonly Place[];
    readonly variables?: Exact;
    readonly locals?: Readonly<Record<string, Exact>>;
    readonly finished?: boolean;
  }[];
}

const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), "utf-8")) as Vector[];
const vectors = readdirSync(FOLDER).flatMap(read);

describe("the shared cases", () => {
  it.each(vectors)("$name", ({ machine, steps }) => {
    let state: State | null = null;
    for (const { start, address, values, server = false, ...then } of steps) {
      const given = fromExact(values) as Record<string, unknown>;
      const [activity = "", visit = 0, index = null] = address ?? [];
      const step =
        state === null
          ? begin(machine, start ?? "", given)
          : complete(machine, state, { activity, visit, index }, given);
      expect(step.server).toBe(server);
      // What is kept between two steps has been JSON.
      state = JSON.parse(JSON.stringify(step.state)) as State;
      if (server) continue;
      expect(state.open.map((open) => [open.activity, open.visit, open.index])).toEqual(then.open);
      expect(normal(state.variables)).toEqual(normal(then.variables ?? null));
      expect(step.finished).toBe(then.finished);
      if (then.locals !== undefined)
        expect(variablesOf(state, state.open[0]!)).toMatchObject(plain(then.locals));
    }
  });
});

describe("what a device keeps", () => {
  const machine = vectors[0]!.machine;

  it("leaves the state before a step as it was", () => {
    const { state } = begin(machine, "Begin", {});
    const before = JSON.stringify(state);
    complete(machine, state, { activity: "Weigh", visit: 1, index: null }, { kind: "a" });
    expect(JSON.stringify(state)).toBe(before);
  });

  it("says in its record what it foresees, and nothing where the server goes on", () => {
    const step = begin(machine, "Begin", {});
    expect(foretold(step)).toEqual(["Weigh"]);
    expect(foretold({ ...step, server: true })).toBeNull();
  });

  it("knows no step that is not open, and no start that the diagram does not give it", () => {
    const { state } = begin(machine, "Begin", {});
    expect(() => complete(machine, state, { activity: "Pack", visit: 1, index: null }, {})).toThrow(NotOpen);
    expect(() => begin(machine, "Elsewhere", {})).toThrow(NotOpen);
  });

  it("loses no digit and knows what it does not know", () => {
    const value = { a: [new Decimal("0.1234567890123456789012345678901234")], "": "5" };
    expect(toExact(value)).toEqual({ a: [{ "": "0.1234567890123456789012345678901234" }], "": "5" });
    expect(fromExact(toExact({ "": new Decimal("1") }))).toEqual({ "": new Decimal("1") });
    expect(isKnown({ a: [{ "": "5" }, { "": { "": "x" } }] })).toBe(true);
    expect(isKnown({ a: [{ b: { "": null } }] })).toBe(false);
  });
});

/** Numbers as they are, however they are written. */
function normal(value: Exact): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Exact[]).map(normal);
  const { "": only, ...others } = value as Readonly<Record<string, Exact>>;
  if (typeof only === "string" && Object.keys(others).length === 0)
    return `number ${new Decimal(only).toFixed()}`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
}

const plain = (values: Readonly<Record<string, Exact>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fromExact(value)]));
