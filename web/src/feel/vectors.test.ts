/** The device's evaluator does what the vectors in tests/vectors/feel say, as the server's does. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  Decimal,
  evaluate,
  FeelLimitExceeded,
  FeelValueRefused,
  fromJson,
  textOf,
  toJson,
  type Tree,
} from "./index.ts";
import { decode, encode, type Json } from "./testing/typed.ts";

const FOLDER = join(import.meta.dirname, "../../../tests/vectors/feel");
const NOW = "2026-11-22T10:41:07.123456Z";

interface Vector {
  readonly expression: string;
  readonly tree: Tree;
  readonly scope: Readonly<Record<string, Json>>;
  readonly result: Json;
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));

describe.each(files)("%s", (file) => {
  const vectors = JSON.parse(readFileSync(join(FOLDER, file), "utf-8")) as Vector[];
  it.each(vectors)("$expression", ({ tree, scope, result }) => {
    const values = Object.fromEntries(Object.entries(scope).map(([name, value]) => [name, decode(value)]));
    expect(encode(evaluate(tree, values, { now: NOW }))).toEqual(result);
  });
});

describe("what comes in and goes out", () => {
  const name: Tree = ["feel/1", ["v", "x"]];

  it("takes numbers, texts of decimals stay texts, and gives Decimals back", () => {
    expect(evaluate(name, { x: "12.50" })).toBe("12.50");
    expect(textOf(evaluate(["feel/1", ["+", ["v", "x"], ["n", "1"]]], { x: 0.1 }))).toBe("1.1");
    expect(JSON.stringify(toJson(fromJson({ a: [new Decimal("1.50")] })))).toBe('{"a":["1.5"]}');
  });

  it("refuses what is no value", () => {
    expect(() => evaluate(name, { x: Number.NaN })).toThrow(FeelValueRefused);
    expect(() => evaluate(name, { x: () => 1 })).toThrow(FeelValueRefused);
  });

  it("takes only what the scope has of its own", () => {
    expect(evaluate(["feel/1", ["v", "toString"]], {})).toBeNull();
  });

  it("stops at its bounds", () => {
    const loop: Tree = ["feel/1", ["for", [["i", ["n", "1"], ["n", "99999"]]], ["v", "i"]]];
    expect(() => evaluate(loop, {}, { steps: 100 })).toThrow(FeelLimitExceeded);
  });

  it("refuses trees of another version", () => {
    expect(() => evaluate(["feel/2", null] as unknown as Tree, {})).toThrow(TypeError);
  });
});
