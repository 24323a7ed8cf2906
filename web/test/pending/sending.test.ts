// @vitest-environment node
/**
 * Sending: only an answer of our server ends a command, nobody's command is sent as another's, and no password is
 * ever written down.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { setCsrf, whenTokenIsStale } from "../../src/api/client.ts";
import { newCommandId } from "../../src/pending/identifiers.ts";
import {
  append,
  closeJournal,
  JOURNAL_DATABASE,
  type NewCommand,
  readJournal,
} from "../../src/pending/journal.ts";
import { sendSigned, sendWaiting } from "../../src/pending/sending.ts";

const BEN = { id: "u-ben", username: "ben" };
const CLEO = { id: "u-cleo", username: "cleo" };
const PASSWORD = "correct horse battery staple";

function command(more: Partial<NewCommand> = {}): NewCommand {
  return {
    command_id: newCommandId(),
    name: "claim-work-item",
    fields: { work_item_id: "i.1" },
    made_by: BEN,
    made_at: "2026-11-22T10:00:00.000Z",
    zone: "Asia/Shanghai",
    about: { en: "Claim", zh: "领取" },
    work_item_id: "i.1",
    signing: null,
    ...more,
  };
}

interface Sent {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** A server that answers each command as told; what it was sent is noted. */
function server(answerTo: (sent: Sent) => Response | Promise<Response>): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const one = { path, body: JSON.parse(init.body as string) as Record<string, unknown> };
    sent.push(one);
    return answerTo(one);
  });
  return sent;
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" },
  });
const accepted = ({ body }: Sent): Response =>
  json({ outcome: "accepted", command_id: body["command_id"], result: {} });
const problem = (status: number, reason: string): Response =>
  json({ status, reason, title: "T", detail: "D" }, status);

beforeEach(async () => {
  await closeJournal();
  indexedDB.deleteDatabase(JOURNAL_DATABASE);
  setCsrf("token");
});
afterEach(closeJournal);

async function answers(): Promise<(string | null)[]> {
  return (await readJournal()).map(({ answer }) => answer?.outcome ?? null);
}

describe("what ends a command", () => {
  test("an acceptance", async () => {
    const entry = await append(command());
    const sent = server(accepted);
    expect(await sendWaiting(BEN.id)).toMatchObject({ left: 0, trouble: null });
    expect(sent).toEqual([
      {
        path: "/api/commands/claim-work-item",
        body: { command_id: entry.command_id, work_item_id: "i.1" },
      },
    ]);
    expect(await answers()).toEqual(["accepted"]);
    await sendWaiting(BEN.id);
    expect(sent).toHaveLength(1);
  });

  test.each([
    [403, "not_yours"],
    [404, "not_found"],
    [409, "stale"],
    [413, "too_large"],
    [422, "invalid_data"],
    [423, "signing_locked"],
    [500, "incident"],
  ])("a refusal: %i %s", async (status, reason) => {
    await append(command());
    server(() => problem(status, reason));
    await sendWaiting(BEN.id);
    expect((await readJournal())[0]!.answer).toMatchObject({ outcome: "rejected", problem: { reason } });
  });
});

describe("what does not end it", () => {
  test.each([
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "unreachable"],
    [
      "a captive portal",
      () => new Response("<html>Welcome</html>", { headers: { "Content-Type": "text/html" } }),
      "unreachable",
    ],
    [
      "something that is not our server and says yes",
      () =>
        new Response('{"outcome":"accepted","command_id":"x"}', { headers: { "Content-Type": "text/html" } }),
      "unreachable",
    ],
    ["a proxy without a server", () => new Response("", { status: 502 }), "unreachable"],
    [
      "an answer that broke off",
      () => new Response('{"outcome":', { headers: { "Content-Type": "application/json" } }),
      "unreachable",
    ],
    ["a session that ended", () => problem(401, "unauthorized"), "signed_out"],
    ["a busy server", () => problem(503, "unavailable"), "server"],
    ["too many at once", () => problem(429, "too_many"), "server"],
    ["a failure that nobody recorded", () => problem(500, "unexpected"), "server"],
    ["an answer of another shape", () => json({ ok: true }), "server"],
  ] as const)("%s", async (_name, answer, trouble) => {
    await append(command());
    const sent = server(answer);
    expect(await sendWaiting(BEN.id)).toMatchObject({ left: 1, trouble });
    expect(await answers()).toEqual([null]);
    server(accepted);
    await sendWaiting(BEN.id);
    expect(await answers()).toEqual(["accepted"]);
    expect(sent[0]!.body["command_id"]).toBe((await readJournal())[0]!.entry.command_id);
  });

  test("a stale CSRF token is renewed and the command sent again, once", async () => {
    await append(command());
    whenTokenIsStale(() => {
      setCsrf("fresh");
      return Promise.resolve(true);
    });
    const sent = server((one) => (sent.length === 1 ? problem(403, "csrf") : accepted(one)));
    await sendWaiting(BEN.id);
    expect(sent).toHaveLength(2);
    expect(await answers()).toEqual(["accepted"]);
  });

  test("another person's session never takes this person's command", async () => {
    await append(command());
    whenTokenIsStale(() => Promise.resolve(false));
    server(() => problem(403, "csrf"));
    expect(await sendWaiting(BEN.id)).toMatchObject({ left: 1, trouble: "signed_out" });
    expect(await answers()).toEqual([null]);
  });
});

describe("several commands", () => {
  test("go in the order they were made, and stop when the server is gone", async () => {
    for (const n of [1, 2, 3]) await append(command({ fields: { n } }));
    const sent = server((one) => {
      if (sent.length === 2) throw new TypeError("Failed to fetch");
      return accepted(one);
    });
    expect(await sendWaiting(BEN.id)).toMatchObject({ left: 2, trouble: "unreachable" });
    expect(sent.map(({ body }) => body["n"])).toEqual([1, 2]);
    expect(await answers()).toEqual(["accepted", null, null]);
  });

  test("one that keeps failing does not hold up those behind it", async () => {
    for (const n of [1, 2]) await append(command({ fields: { n } }));
    server((one) => (one.body["n"] === 1 ? problem(500, "unexpected") : accepted(one)));
    await sendWaiting(BEN.id);
    expect(await answers()).toEqual([null, "accepted"]);
  });

  test("of other people wait for them", async () => {
    await append(command({ made_by: CLEO }));
    await append(command());
    const sent = server(accepted);
    await sendWaiting(BEN.id);
    expect(sent).toHaveLength(1);
    expect(await answers()).toEqual([null, "accepted"]);
  });
});

describe("a signed completion", () => {
  const signing = {
    meaning: "PERF",
    language: "zh",
    shown_hash: "f".repeat(64),
    record: { v: "1" },
  } as const;

  test("is sent with what was signed, and the password is on no disk", async () => {
    const entry = await append(command({ name: "complete-work-item", signing }));
    const sent = server(accepted);
    await sendSigned(entry, { username: "ben", password: PASSWORD });
    expect(sent[0]!.body["signature"]).toEqual({
      username: "ben",
      password: PASSWORD,
      meaning: "PERF",
      shown_hash: "f".repeat(64),
      language: "zh",
    });
    expect(JSON.stringify(await readJournal())).not.toContain(PASSWORD);
  });

  test("is never sent without its signature; it waits, and signed again it is the same command", async () => {
    const entry = await append(command({ name: "complete-work-item", signing }));
    server(() => {
      throw new TypeError("Failed to fetch");
    });
    expect(await sendSigned(entry, { username: "ben", password: PASSWORD })).toBe("unreachable");
    const sent = server(accepted);
    expect(await sendWaiting(BEN.id)).toMatchObject({ answers: [], left: 0 });
    expect(sent).toHaveLength(0);
    expect(JSON.stringify(await readJournal())).not.toContain(PASSWORD);
    await sendSigned(entry, { username: "ben", password: PASSWORD });
    expect(sent[0]!.body["command_id"]).toBe(entry.command_id);
    expect(await answers()).toEqual(["accepted"]);
  });
});
