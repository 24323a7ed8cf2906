/** The mark on an activity is the most pressing one; names are spoken in the person's language. */
import { expect, test } from "vitest";

import { marksOf } from "../../src/diagram/marks.ts";
import { namesInDiagram, spokenDiagram } from "../../src/diagram/names.ts";

const none = { open: 0, completed: 0, waiting: 0, failed: 0 };

test("failed before open before waiting before done, with its count", () => {
  const activities = {
    a: { ...none, completed: 2 },
    b: { ...none, completed: 1, open: 1 },
    c: { ...none, waiting: 3, completed: 9 },
    d: { ...none, open: 1, failed: 1 },
    e: none,
  };
  expect(marksOf(activities)).toEqual([
    { activity: "a", mark: "completed", count: 2 },
    { activity: "b", mark: "open", count: 1 },
    { activity: "c", mark: "waiting", count: 3 },
    { activity: "d", mark: "failed", count: 1 },
  ]);
});

test("an incident marks its activity as failed", () => {
  expect(marksOf({ a: { ...none, open: 1 } }, ["a", "b", null])).toEqual([
    { activity: "a", mark: "failed", count: 1 },
    { activity: "b", mark: "failed", count: 1 },
  ]);
});

const XML = `<d:definitions xmlns:d="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="urn:countersign:bpmn:1">
  <d:userTask id="T" name="Check &amp; sign" x:nameZh="核对并签名"/><d:task id="U" name="Only English"/></d:definitions>`;

test("names come from the diagram in both languages, by namespace and not by prefix", () => {
  expect(namesInDiagram(XML, "zh").get("T")).toBe("核对并签名");
  expect(namesInDiagram(XML, "en").get("T")).toBe("Check & sign");
  expect(namesInDiagram(XML, "zh").get("U")).toBe("Only English");
  expect(namesInDiagram(null, "en").size).toBe(0);
});

test("the drawn diagram speaks Chinese; English is the file as it is", () => {
  expect(spokenDiagram(XML, "en")).toBe(XML);
  expect(spokenDiagram(XML, "zh")).toContain('name="核对并签名"');
  expect(spokenDiagram("no xml", "zh")).toBe("no xml");
});
