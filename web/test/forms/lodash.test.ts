/** Our few lodash functions give what lodash gives on the uses JSON Forms makes of them. */
import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";

import * as ours from "../../src/forms/jsonforms/lodash.ts";

// lodash is not a dependency of ours and brings no types: it is met as the package JSON Forms brings.
const lodash = createRequire(import.meta.url)("lodash") as typeof ours;
const fp = createRequire(import.meta.url)("lodash/fp") as {
  set: typeof ours.fpSet;
  unset: typeof ours.fpUnset;
};
const { cloneDeep, get, has, isEmpty, isEqual, merge, range } = lodash;

const VALUES: unknown[] = [
  undefined,
  null,
  0,
  1,
  true,
  "",
  "text",
  [],
  [1],
  {},
  { a: 1 },
  { a: { b: [1, { c: "2" }] } },
  { a: undefined },
];
const PATHS = ["a", "a.b", "a.b.0", "a.b.1.c", "a.x.y", "rows.0.value", "0"];

describe("the same as lodash", () => {
  it("isEmpty", () => {
    for (const value of VALUES) expect(ours.isEmpty(value), JSON.stringify(value)).toBe(isEmpty(value));
  });

  it("isEqual", () => {
    for (const left of VALUES) {
      for (const right of [...VALUES, cloneDeep(left)]) {
        expect(ours.isEqual(left, right), `${JSON.stringify(left)} ${JSON.stringify(right)}`).toBe(
          isEqual(left, right),
        );
      }
    }
  });

  it("cloneDeep, and the copy is another", () => {
    const deep = { a: { b: [1, { c: "2" }] } };
    const copy = ours.cloneDeep(deep);
    expect(copy).toEqual(deep);
    expect(copy.a.b[1]).not.toBe(deep.a.b[1]);
  });

  it("get and has", () => {
    for (const value of VALUES) {
      for (const path of PATHS) expect(ours.get(value, path), path).toEqual(get(value, path));
      expect(ours.has(value, "a")).toBe(has(value, "a"));
    }
    expect(ours.get({ a: { b: [1, { c: "2" }] } }, "a.b.1.c")).toBe("2");
    expect(ours.get({ a: 1 }, ["a"])).toBe(1);
  });

  it("fp/set and fp/unset, without touching the original", () => {
    for (const value of [{}, { a: { b: [1, { c: "2" }] } }, { rows: [{ value: "1" }] }]) {
      for (const path of PATHS) {
        const before = JSON.stringify(value);
        expect(ours.fpSet(path, "new", value), path).toEqual(fp.set(path, "new", value));
        expect(ours.fpUnset(path, value), path).toEqual(fp.unset(path, value));
        expect(JSON.stringify(value)).toBe(before);
      }
    }
  });

  it("merge and range", () => {
    const base = { a: 1, b: { c: 2 } };
    expect(ours.merge({}, base, { b: { d: 3 } })).toEqual(merge({}, base, { b: { d: 3 } }));
    expect(ours.range(1, 8, 2)).toEqual(range(1, 8, 2));
  });
});

it("maxBy takes the first of the highest", () => {
  expect(ours.maxBy([{ n: 1 }, { n: 3, first: true }, { n: 3 }], (item) => item.n)).toEqual({
    n: 3,
    first: true,
  });
});
