// @vitest-environment node
/** The journal: appended by several pages at once without a loss, never changed, answered once. */
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  append,
  closeJournal,
  firstBreak,
  JOURNAL_DATABASE,
  keepAnswer,
  type JournalEntry,
  markSeen,
  type NewCommand,
  readJournal,
} from "../../src/pending/journal.ts";
import { newCommandId } from "../../src/pending/identifiers.ts";

function command(fields: Record<string, unknown> = {}): NewCommand {
  return {
    command_id: newCommandId(),
    name: "claim-work-item",
    fields,
    made_by: { id: "u-ben", username: "ben" },
    made_at: "2026-11-22T10:00:00.000Z",
    zone: "Asia/Shanghai",
    about: { en: "Claim", zh: "领取" },
    work_item_id: null,
    signing: null,
  };
}

beforeEach(async () => {
  await closeJournal();
  indexedDB.deleteDatabase(JOURNAL_DATABASE);
});
afterEach(closeJournal);

describe("appending", () => {
  test("keeps the order and chains each entry to the one before", async () => {
    for (const n of [1, 2, 3]) await append(command({ n }));
    const entries = (await readJournal()).map(({ entry }) => entry);
    expect(entries.map(({ seq, fields }) => [seq, fields["n"]])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(entries[0]!.prev).toBe("");
    expect(entries[2]!.prev).toBe(entries[1]!.hash);
    expect(firstBreak(entries)).toBeNull();
  });

  test("of three pages at once loses nothing, even without Web Locks", async () => {
    vi.stubGlobal("navigator", {});
    const pages = await Promise.all(
      [1, 2, 3].map(async () => {
        vi.resetModules();
        return import("../../src/pending/journal.ts");
      }),
    );
    await Promise.all(
      pages.flatMap((page, number) =>
        Array.from({ length: 10 }, (_, index) => page.append(command({ number, index }))),
      ),
    );
    const entries = (await readJournal()).map(({ entry }) => entry);
    expect(entries).toHaveLength(30);
    expect(firstBreak(entries)).toBeNull();
    for (const page of pages) await page.closeJournal();
  });

  test("is refused with a word when the browser keeps nothing", async () => {
    const broken = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    await expect(append(command())).rejects.toMatchObject({ name: "NotStored" });
    broken.mockRestore();
    await expect(append(command())).resolves.toMatchObject({ seq: 1 });
  });

  test("the same command id twice is refused: it would be another command under the same name", async () => {
    const first = command();
    await append(first);
    await expect(append(first)).rejects.toMatchObject({ name: "NotStored" });
    expect(await readJournal()).toHaveLength(1);
  });
});

describe("the chain shows", () => {
  async function entries(): Promise<JournalEntry[]> {
    for (const n of [1, 2, 3]) await append(command({ n }));
    return (await readJournal()).map(({ entry }) => entry);
  }

  test.each([
    ["a changed field", (e: JournalEntry[]) => [e[0]!, { ...e[1]!, fields: { n: 9 } }, e[2]!], 2],
    ["a missing entry", (e: JournalEntry[]) => [e[0]!, e[2]!], 3],
    ["two that changed places", (e: JournalEntry[]) => [e[1]!, e[0]!, e[2]!], 2],
  ])("%s", async (_name, tamper, at) => {
    expect(firstBreak(tamper(await entries()))).toBe(at);
  });
});

describe("answers", () => {
  test("the first one stays", async () => {
    const entry = await append(command());
    const first = { command_id: entry.command_id, outcome: "accepted", at: "1", result: { a: 1 } } as const;
    await keepAnswer(first);
    await keepAnswer({ ...first, at: "2", result: { a: 2 } });
    expect((await readJournal())[0]!.answer).toEqual(first);
  });

  test("put away they are still there", async () => {
    const entry = await append(command());
    await markSeen(entry.command_id, "now");
    const [kept] = await readJournal();
    expect(kept).toMatchObject({ seen: true, entry: { command_id: entry.command_id } });
  });
});

test("the schema is frozen: version 1, these stores, this index", async () => {
  await append(command());
  await closeJournal();
  const db = await openDB(JOURNAL_DATABASE);
  expect(db.version).toBe(1);
  expect([...db.objectStoreNames]).toEqual(["answers", "head", "journal", "seen"]);
  expect([...db.transaction("journal").store.indexNames]).toEqual(["command_id"]);
  db.close();
});

test("command ids are UUIDv7 with the time in front", () => {
  const id = newCommandId(Date.UTC(2026, 10, 22));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 22));
  expect(new Set(Array.from({ length: 1000 }, () => newCommandId())).size).toBe(1000);
});
