/** What screens see: stored first, sent, shown as waiting until answered, the answer shown until put away. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renderHook, waitFor } from "@testing-library/react";

import { setCsrf } from "../../src/api/client.ts";
import { closeJournal, JOURNAL_DATABASE } from "../../src/pending/journal.ts";
import { putAway, sendSoon, setPerson, sign, submit, usePending } from "../../src/pending/pending.ts";

const BEN = { id: "u-ben", username: "ben" };
const ABOUT = { en: "Claim", zh: "领取" };
const CLAIM = { name: "claim-work-item", fields: { work_item_id: "i.1" }, about: ABOUT };
const SIGNED = {
  name: "complete-work-item",
  fields: { work_item_id: "i.1", revision: 1, data: {} },
  about: ABOUT,
  signing: { meaning: "PERF", language: "en", shown_hash: "f".repeat(64), record: { v: "1" } },
} as const;

let answerTo: (body: Record<string, unknown>) => Response;
let bodies: Record<string, unknown>[];

const reply = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const accept = (body: Record<string, unknown>): Response =>
  reply(200, { outcome: "accepted", command_id: body["command_id"], result: { revision: 2 } });
const gone = (): Response => {
  throw new TypeError("Failed to fetch");
};

beforeEach(() => {
  indexedDB.deleteDatabase(JOURNAL_DATABASE);
  setCsrf("token");
  bodies = [];
  answerTo = accept;
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    const body = JSON.parse(init.body as string) as Record<string, unknown>;
    bodies.push(body);
    return Promise.resolve().then(() => answerTo(body));
  });
  setPerson(BEN);
});
afterEach(async () => {
  setPerson(null);
  await closeJournal();
});

test("an accepted command answers its screen and waits no more", async () => {
  const { result } = renderHook(usePending);
  const outcome = await submit(CLAIM);
  expect(outcome).toMatchObject({
    kind: "answered",
    answer: { outcome: "accepted", result: { revision: 2 } },
  });
  await waitFor(() => {
    expect(result.current.waiting).toEqual([]);
    expect(result.current.all).toHaveLength(1);
  });
});

test("without a server it waits, is shown as waiting, and is sent when the server is back", async () => {
  answerTo = gone;
  const { result } = renderHook(usePending);
  expect(await submit(CLAIM)).toMatchObject({ kind: "waiting", trouble: "unreachable" });
  await waitFor(() => {
    expect(result.current.waiting).toHaveLength(1);
  });
  answerTo = accept;
  sendSoon();
  await waitFor(() => {
    expect(result.current.waiting).toEqual([]);
  });
  expect(new Set(bodies.map((body) => body["command_id"])).size).toBe(1);
});

test("a refusal is shown until it is put away, and stays in the journal", async () => {
  answerTo = () =>
    reply(409, { status: 409, reason: "stale", title: "It changed", detail: "Open it again." });
  const { result } = renderHook(usePending);
  const outcome = await submit(CLAIM);
  expect(outcome).toMatchObject({
    kind: "answered",
    answer: { outcome: "rejected", problem: { reason: "stale" } },
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

test("a signature that met no server waits for its signer and is signed under the same id", async () => {
  answerTo = gone;
  const { result } = renderHook(usePending);
  const outcome = await submit(SIGNED, { username: "ben", password: "secret" });
  expect(outcome).toMatchObject({ kind: "waiting", trouble: "unreachable" });
  await waitFor(() => {
    expect(result.current.waiting[0]?.entry.signing?.meaning).toBe("PERF");
  });
  answerTo = accept;
  sendSoon(); // must not send what is not signed
  const before = bodies.length;
  const entry = result.current.waiting[0]!.entry;
  expect(await sign(entry, { username: "ben", password: "secret" })).toMatchObject({ kind: "answered" });
  expect(bodies).toHaveLength(before + 1);
  expect(bodies.at(-1)).toMatchObject({ command_id: entry.command_id, signature: { password: "secret" } });
}, 15_000);

test("nobody signed in can ask for nothing", async () => {
  setPerson(null);
  await expect(submit(CLAIM)).rejects.toThrow("Nobody is signed in");
});
