// @vitest-environment node
/** The descriptor by which bpmn-js reads our extension names what docs/diagram-extension.md explains: all of it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import moddle from "../../src/diagram/countersign-moddle.json";

const DOCS = fileURLToPath(new URL("../../../docs/diagram-extension.md", import.meta.url));
const docs = readFileSync(DOCS, "utf-8");
const elements = new Set([...docs.matchAll(/<cs:(\w+)/g)].map(([, name]) => name!));
const attributes = new Set([...docs.matchAll(/(?<![</\w])cs:(\w+)/g)].map(([, name]) => name!));
const isElement = ({ superClass }: { superClass?: readonly string[] }): boolean => superClass !== undefined;

test("every attribute is explained, and every one that is explained is read", () => {
  const read = moddle.types
    .filter((type) => !isElement(type))
    .flatMap((type) => type.properties.map(({ name }) => name));
  expect(read.toSorted()).toEqual([...attributes].toSorted());
});

test("so is every element", () => {
  const read = moddle.types.filter(isElement).map(({ name }) => name.toLowerCase());
  expect(read.toSorted()).toEqual([...elements].toSorted());
});

test("it speaks of the namespace that diagrams name", () => {
  expect(docs).toContain(`xmlns:${moddle.prefix}="${moddle.uri}"`);
});
