// @vitest-environment node
/** The worklist: the most urgent first, found by any word on it. */
import { expect, test } from "vitest";

import type { WorkItem } from "../../src/api/wire.ts";
import { chosen } from "../../src/screens/worklist/choosing.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

function item(id: string, more: Partial<WorkItem> = {}): WorkItem {
  return {
    work_item_id: id,
    revision: 1,
    process_instance_id: "p",
    process_id: "incoming_inspection",
    process_names: { en: "Incoming inspection", zh: "来料检验" },
    title: null,
    activity_id: "Check",
    activity_names: { en: "Check the documents", zh: "核对文件" },
    visit: 1,
    item_index: null,
    role: "IQC",
    assignee: null,
    opened_at: "2026-11-20T00:00:00Z",
    due_at: null,
    priority: 50,
    form_hash: null,
    signature: null,
    offline: null,
    has_draft: false,
    definition_hash: "h",
    status: "open",
    ...more,
  };
}

const ids = (items: readonly WorkItem[]): string[] => items.map((one) => one.work_item_id);
const all = { whose: "all", query: "", user: "ben", now: NOW } as const;

test("overdue, then priority, then due, then age", () => {
  const items = [
    item("old", { opened_at: "2026-11-01T00:00:00Z" }),
    item("young"),
    item("soon", { due_at: "2026-11-22T12:00:00Z" }),
    item("later", { due_at: "2026-11-23T12:00:00Z" }),
    item("urgent", { priority: 90 }),
    item("late", { due_at: "2026-11-22T09:00:00Z", priority: 10 }),
  ];
  expect(ids(chosen(items, all))).toEqual(["late", "urgent", "soon", "later", "old", "young"]);
});

test("mine, and what I may take", () => {
  const name = { en: "Ben", zh: "刘斌" };
  const items = [
    item("mine", { assignee: { id: "ben", name } }),
    item("cleo's", { assignee: { id: "cleo", name } }),
    item("free"),
  ];
  expect(ids(chosen(items, { ...all, whose: "mine" }))).toEqual(["mine"]);
  expect(ids(chosen(items, { ...all, whose: "free" }))).toEqual(["free"]);
});

test("every word must be there, in either language, in any case", () => {
  const items = [item("a", { title: "LOT-A1" }), item("b", { title: "LOT-B7" })];
  expect(ids(chosen(items, { ...all, query: "lot-a1 核对" }))).toEqual(["a"]);
  expect(ids(chosen(items, { ...all, query: "documents lot" }))).toEqual(["a", "b"]);
  expect(ids(chosen(items, { ...all, query: "lot-a1 lot-b7" }))).toEqual([]);
});
