// @vitest-environment node
/** Every sentence exists in both languages, says the same things, is used, and none is written into a screen. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { compileMessage } from "@lingui/message-utils/compileMessage";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../../src/", import.meta.url));
const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`${SOURCE}i18n/${language}.json`, "utf-8")) as Record<string, string>;
const en = read("en");
const zh = read("zh");

/** Forms and scanning have their own words (forms/messages.json, words.ts) and their own tests. */
const OURS = ["api", "design", "diagram", "mirror", "pending", "screens", "session", "signing"];
const files = [
  ...OURS.flatMap((folder) =>
    readdirSync(SOURCE + folder, { recursive: true, encoding: "utf-8" })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name}`),
  ),
  ...readdirSync(SOURCE, { encoding: "utf-8" }).filter((name) => /\.tsx?$/.test(name)),
];

/** Names of parameters, those inside plurals too. A token is text, or [name], or [name, "plural", {one: tokens}]. */
function parameters(tokens: unknown): Set<string> {
  const names = new Set<string>();
  for (const token of Array.isArray(tokens) ? (tokens as unknown[]) : []) {
    if (!Array.isArray(token)) continue;
    const [name, , branches] = token as [string, string?, Record<string, unknown>?];
    names.add(name);
    for (const branch of Object.values(branches ?? {}))
      for (const inner of parameters(branch)) names.add(inner);
  }
  return names;
}

describe("catalogues", () => {
  test("have the same keys in the same order", () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  test.each(Object.keys(en))("%s says the same with the same values", (key) => {
    expect(parameters(compileMessage(zh[key]!))).toEqual(parameters(compileMessage(en[key]!)));
    expect(en[key]!.trim()).not.toBe("");
    expect(zh[key]!.trim()).not.toBe("");
  });

  test("Chinese is Chinese", () => {
    const untranslated = Object.entries(zh).filter(
      ([key, text]) => !/\p{Script=Han}/u.test(text) && text === en[key],
    );
    expect(untranslated.map(([key]) => key)).toEqual(["settings.english"]);
  });

  test("use full-width punctuation in Chinese sentences", () => {
    const wrong = Object.entries(zh).filter(([, text]) => /\p{Script=Han}[,;:!?]/u.test(text));
    expect(wrong).toEqual([]);
  });

  test("hold nothing that no screen says", () => {
    const sources = files.map((file) => readFileSync(SOURCE + file, "utf-8")).join("\n");
    const unused = Object.keys(en).filter((key) => {
      const [family, name = ""] = key.split(".");
      const dynamic = new RegExp(`\`${family}\\.${name.replace(/[a-z]+$/, "")}\\$\\{`);
      return !sources.includes(`"${key}"`) && !dynamic.test(sources);
    });
    expect(unused).toEqual([]);
  });
});

/** Text a person would read that stands in the source itself: between tags, or in an attribute that is read out. */
function spokenLiterals(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(SOURCE + file, "utf-8"),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX,
  );
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text)) found.push(node.text.trim());
    if (
      ts.isJsxAttribute(node) &&
      ["aria-label", "title", "alt", "placeholder", "label", "legend"].includes(node.name.getText()) &&
      node.initializer !== undefined &&
      ts.isStringLiteral(node.initializer)
    )
      found.push(node.initializer.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Names and units that are the same in every language. */
const SAME_EVERYWHERE = new Set(["Countersign", "会签", "SHA-256"]);

test.each(files.filter((file) => file.endsWith(".tsx")))("%s says nothing outside the catalogues", (file) => {
  const said = spokenLiterals(file).flatMap((text) => text.split(/[\s·]+/));
  expect(said.filter((word) => /\p{L}{2,}/u.test(word) && !SAME_EVERYWHERE.has(word))).toEqual([]);
});
