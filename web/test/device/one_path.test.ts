/**
 * What a person does to a process goes by the outbox of an enrolled device, with or without a network; what the
 * server says of it is shown to who did it, and to nobody else.
 */
import { renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { setCsrf } from "../../src/api/client.ts";
import { makeSigningKey, type SigningKey } from "../../src/device/keys.ts";
import { readOutbox } from "../../src/device/outbox.ts";
import type { Subject } from "../../src/device/record.ts";
import { RULINGS } from "../../src/device/words.ts";
import { closeOutbox, OUTBOX_DATABASE } from "../../src/device/store.ts";
import { closeJournal, JOURNAL_DATABASE, readJournal } from "../../src/pending/journal.ts";
import {
  type Command,
  prepare,
  putAway,
  sendSoon,
  setPerson,
  submit,
  usePending,
} from "../../src/pending/pending.ts";
import { BEN, enrolledDevice, INSTANCE, receiptFor, takenAlong } from "./enrolled.ts";

const CLEO = { id: "u-cleo", username: "cleo" };
const SUBJECT: Subject = {
  kind: "work_item.complete",
  tenant: "main",
  instance: INSTANCE,
  target: { process_instance: INSTANCE, activity: "Documents", visit: "1", index: null, revision: "3" },
  definition: { process: "inspection", version: null, hash: "a".repeat(64), form: "b".repeat(64) },
  data: { quantity: 5, share: 0.5, lot: "L-1" },
  before: { quantity: 4, other: 1 },
  why: null,
};
const COMPLETE: Command = {
  name: "complete-work-item",
  fields: { work_item_id: `${INSTANCE}.7`, revision: 3, data: SUBJECT.data },
  about: { en: "Complete", zh: "完成" },
  work_item_id: `${INSTANCE}.7`,
  subject: SUBJECT,
};

let server: SigningKey;
let paths: string[];
let said: Readonly<Record<string, unknown>> | null;

const reply = (body: unknown): Response =>
  new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });

/** A server that says `said` of everything; null: it is not there. */
async function answered(path: string, init: RequestInit): Promise<Response> {
  paths.push(path);
  if (said === null) throw new TypeError("Failed to fetch");
  const body = JSON.parse(init.body as string) as { items?: { envelope: string }[]; command_id: string };
  if (path !== "/api/sync")
    return reply({ outcome: "accepted", command_id: body.command_id, result: { revision: 2 } });
  const { boxed } = await readOutbox();
  const answers = (body.items ?? []).map(async ({ envelope }) => {
    const { entry } = boxed.find((each) => each.entry.envelope === envelope)!;
    const receipt = await receiptFor(entry, server, said ?? {});
    return { id: entry.id, seq: String(entry.seq), intake: "stored", need: null, receipt };
  });
  return reply({ answers: await Promise.all(answers), receipts: [], token: null });
}

beforeEach(async () => {
  await Promise.all([closeOutbox(), closeJournal()]);
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
  indexedDB.deleteDatabase(JOURNAL_DATABASE);
  setCsrf("token");
  paths = [];
  said = {};
  vi.stubGlobal("fetch", answered);
  server = await makeSigningKey(false);
  await enrolledDevice({}, server);
  await Promise.all([takenAlong("ben"), takenAlong("cleo")]);
  setPerson(BEN);
});
afterEach(async () => {
  setPerson(null);
  await Promise.all([closeOutbox(), closeJournal()]);
});

test("a completion is sealed first and then sent; counts stay, and what was seen before goes along", async () => {
  expect(await submit(COMPLETE)).toMatchObject({ kind: "answered", answer: { outcome: "accepted" } });
  expect(new Set(paths)).toEqual(new Set(["/api/sync"]));
  const [kept] = (await readOutbox()).boxed;
  const { record } = JSON.parse(kept!.entry.envelope) as { record: Record<string, unknown> };
  expect(record).toMatchObject({
    actor: "ben",
    kind: "work_item.complete",
    data: { quantity: 5, share: "0.5", lot: "L-1" },
    base: { quantity: 4 },
    lease: "lease-1",
    depends: [],
  });
  expect(await readJournal()).toEqual([]);
});

test("with no network it waits, the next one of the same instance depends on it, and both are sent later", async () => {
  said = null;
  const { result } = renderHook(usePending);
  expect(await submit(COMPLETE)).toMatchObject({ kind: "waiting", trouble: "unreachable" });
  await submit(COMPLETE);
  await waitFor(() => {
    expect(result.current.waiting).toHaveLength(2);
  });
  const [first, second] = (await readOutbox()).boxed;
  const { record } = JSON.parse(second!.entry.envelope) as { record: { depends: string[] } };
  expect(record.depends).toEqual([first!.entry.id]);
  said = {};
  sendSoon();
  await waitFor(() => {
    expect(result.current.waiting).toEqual([]);
  });
});

describe("what the server says is shown to who did it:", () => {
  test("refused, with what is wrong at which field, until it is put away", async () => {
    const errors = [{ path: "/quantity", code: "too_much", message: { en: "Too much", zh: "过多" } }];
    said = {
      outcome: "refused",
      reason: "invalid",
      message: { en: "Look at the fields.", zh: "请检查各字段。" },
      result: { errors },
    };
    const { result } = renderHook(usePending);
    const outcome = await submit(COMPLETE);
    expect(outcome).toMatchObject({
      kind: "answered",
      answer: { outcome: "rejected", problem: { reason: "invalid", detail: "Look at the fields.", errors } },
    });
    await waitFor(() => {
      expect(result.current.refused).toHaveLength(1);
    });
    await putAway(result.current.refused[0]!.entry.command_id);
    await waitFor(() => {
      expect(result.current.refused).toEqual([]);
      expect(result.current.all).toHaveLength(1);
    });
  });

  test("parked: it waits for a person, and is neither done nor still to be sent", async () => {
    said = { outcome: "parked", reason: "cancelled", final: "no", conflict: INSTANCE };
    const { result } = renderHook(usePending);
    expect(await submit(COMPLETE)).toMatchObject({ kind: "waiting", ruling: { name: "parked" } });
    await waitFor(() => {
      expect(result.current.deciding).toMatchObject([{ ruling: { conflict: INSTANCE } }]);
      expect(result.current.waiting).toEqual([]);
    });
  });

  test.each(["merged", "flagged", "superseded"])("%s: done, and to be read", async (outcome) => {
    said = { outcome };
    const { result } = renderHook(usePending);
    expect(await submit(COMPLETE)).toMatchObject({ kind: "answered", answer: { outcome: "accepted" } });
    await waitFor(() => {
      expect(result.current.noted).toMatchObject([{ ruling: { name: outcome } }]);
    });
  });

  test("held for a password: it waits for its signature", async () => {
    said = { outcome: "held", reason: "proof_missing", final: "no" };
    const signing = { meaning: "PERF", language: "en", shown_hash: "f".repeat(64), record: {} } as const;
    const command = { ...COMPLETE, signing };
    const prepared = (await prepare(command))!;
    const sig = { meaning: "PERF", statement: "S", language: "en", signer: "ben", at: "2026" } as const;
    const { result } = renderHook(usePending);
    await submit(command, null, {
      record: prepared.record,
      sigs: [{ ...sig, auth: { method: "password" } }],
    });
    await waitFor(() => {
      expect(result.current.waiting[0]?.entry.signing?.meaning).toBe("PERF");
      expect(result.current.deciding).toEqual([]);
    });
  });

  test("every outcome has its words in both languages", () => {
    for (const { name, help } of Object.values(RULINGS))
      for (const text of [name, help]) {
        expect(text.en).not.toBe("");
        expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
      }
  });
});

test("what another person did on the device is sent with it, and not shown", async () => {
  said = null;
  await submit(COMPLETE);
  setPerson(CLEO);
  const { result } = renderHook(usePending);
  sendSoon();
  await waitFor(() => {
    expect(result.current.othersSending).toBe(1);
  });
  expect(result.current.all).toEqual([]);
  said = {};
  sendSoon();
  await waitFor(() => {
    expect(result.current.othersSending).toBe(0);
  });
  expect(result.current.all).toEqual([]);
});

test("it is sent also when nobody is signed in", async () => {
  said = null;
  await submit(COMPLETE);
  setPerson(null);
  said = {};
  sendSoon();
  await vi.waitFor(async () => {
    expect((await readOutbox()).boxed[0]!.receipt?.outcome).toBe("accepted");
  });
});

test.each([
  [
    "a kind that the server takes only as a plain command",
    {},
    { ...COMPLETE, subject: { ...SUBJECT, kind: "work_item.claim" } },
  ],
  ["who has no lease on this device, and gets none", { leases: {} }, COMPLETE],
  ["a device that has to begin anew", { state: "forked" }, COMPLETE],
  [
    "what has to be signed and was not signed here",
    {},
    { ...COMPLETE, signing: { meaning: "PERF", language: "en", shown_hash: "f", record: {} } },
  ],
] as const)("by the journal goes %s", async (_name, more, command) => {
  await enrolledDevice(more, server);
  await submit(command, { username: "ben", password: "x" });
  expect(paths).toContain("/api/commands/complete-work-item");
  expect((await readOutbox()).boxed).toEqual([]);
});
