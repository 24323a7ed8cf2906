// @vitest-environment node
/**
 * Bringing the outbox to the server: an entry stops waiting against a signed receipt for its very envelope and
 * nothing else, whatever else answers; gaps, splits and lost answers end well.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { makeSigningKey, type SigningKey, verify } from "../../src/device/keys.ts";
import { markBody, type Mark } from "../../src/device/envelope.ts";
import { appendEntry, readOutbox } from "../../src/device/outbox.ts";
import {
  closeOutbox,
  type DeviceRow,
  OUTBOX_DATABASE,
  type OutboxEntry,
  readDevice,
} from "../../src/device/store.ts";
import { syncRound, waits } from "../../src/device/sync.ts";
import { enrolledDevice, fresh, receiptFor } from "./enrolled.ts";

interface Asked {
  readonly mark: { readonly body: string; readonly signature: string };
  readonly items: readonly {
    readonly envelope: string;
    readonly signature: string;
    readonly attended: boolean;
    readonly proof: unknown;
  }[];
  readonly ask: readonly string[];
}
type Given = Readonly<Record<string, unknown>>;

let server: SigningKey;
let device: DeviceRow;
let asked: Asked[];

const reply = (status: number, body: unknown, type = "application/json"): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "Content-Type": type },
  });

/** A server that does as told; what it was asked is noted. */
function serve(answer: (body: Asked, call: number) => Promise<Response> | Response): void {
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    expect(path).toBe("/api/sync");
    asked.push(JSON.parse(init.body as string) as Asked);
    return answer(asked.at(-1)!, asked.length);
  });
}

async function entries(count: number): Promise<OutboxEntry[]> {
  const made = [];
  for (let n = 0; n < count; n++) made.push(await appendEntry(fresh({ n: String(n) })));
  return made;
}

function entryOf(envelope: string, among: readonly OutboxEntry[]): OutboxEntry {
  return among.find((entry) => entry.envelope === envelope)!;
}

/** What the server says when it takes all that is sent. */
async function takenAll(body: Asked, among: readonly OutboxEntry[], more: Given = {}): Promise<Response> {
  const answers = await Promise.all(
    body.items.map(async ({ envelope }) => {
      const entry = entryOf(envelope, among);
      const receipt = await receiptFor(entry, server, more);
      return { id: entry.id, seq: String(entry.seq), intake: "stored", need: null, receipt };
    }),
  );
  return reply(200, { server_time: "2026-11-23T10:01:00Z", answers, receipts: [], token: "t1" });
}

async function waiting(): Promise<number[]> {
  return (await readOutbox()).boxed.filter(waits).map(({ entry }) => entry.seq);
}

beforeEach(async () => {
  await closeOutbox();
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
  server = await makeSigningKey(false);
  device = await enrolledDevice({}, server);
});
afterEach(closeOutbox);

describe("what ends waiting", () => {
  test("a receipt that the server signed; the token is kept, the mark proves the device", async () => {
    const made = await entries(3);
    serve((body) => takenAll(body, made));
    const round = await syncRound();
    expect(round).toMatchObject({ left: 0, trouble: null });
    expect(round.receipts.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted", "accepted"]);
    expect(await waiting()).toEqual([]);
    expect((await readDevice())!.token).toBe("t1");
    const { body, signature } = asked[0]!.mark;
    const mark = JSON.parse(body) as Mark;
    expect(mark).toMatchObject({ head_seq: "3", head_hash: made[2]!.hash, waiting: "3" });
    const { signed } = markBody(mark);
    expect(await verify(device.algorithm, device.public_key, signed, signature)).toBe(true);
    expect(asked[0]!.items.map(({ attended, proof }) => [attended, proof])).toEqual(
      Array.from({ length: 3 }, () => [false, null]),
    );
  });

  test.each<
    [string, (made: readonly OutboxEntry[], body: Asked) => Promise<Response> | Response, string | null]
  >([
    ["a captive portal's page", () => reply(200, "<!doctype html>", "text/html"), "unreachable"],
    ["a captive portal's JSON", () => reply(200, { login: "here" }), "server"],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "unreachable"],
    [
      "a server that is busy",
      () => reply(503, { status: 503, reason: "busy" }, "application/problem+json"),
      "server",
    ],
    [
      "nobody signed in",
      () => reply(401, { status: 401, reason: "x" }, "application/problem+json"),
      "server",
    ],
    [
      "a receipt of another key",
      async (made, body) => {
        const real = server;
        server = await makeSigningKey(false);
        const response = await takenAll(body, made);
        server = real;
        return response;
      },
      null,
    ],
    [
      "a receipt for another envelope",
      (made, body) => takenAll(body, made, { envelope: "0".repeat(64) }),
      null,
    ],
    ["a receipt of another device", (made, body) => takenAll(body, made, { device: "d2" }), null],
    [
      "stored, but no receipt",
      (made) =>
        reply(200, {
          answers: [{ id: made[0]!.id, seq: "1", intake: "stored", need: null, receipt: null }],
        }),
      null,
    ],
  ])("is not %s", async (_name, answer, trouble) => {
    const made = await entries(1);
    serve((body) => answer(made, body));
    expect(await syncRound()).toMatchObject({ receipts: [], left: 1, trouble });
    expect(await waiting()).toEqual([1]);
  });
});

test("a lost answer costs nothing: the same envelope again, and the same receipt", async () => {
  const made = await entries(2);
  serve((body, call) => (call === 1 ? Promise.reject(new TypeError("cut")) : takenAll(body, made)));
  expect(await syncRound()).toMatchObject({ left: 2, trouble: "unreachable" });
  expect(await syncRound()).toMatchObject({ left: 0 });
  expect(asked[1]!.items).toEqual(asked[0]!.items);
});

test("a gap is filled from where the server asks, though it was answered before", async () => {
  const made = await entries(3);
  serve((body) => takenAll(body, made));
  await syncRound();
  const later = await entries(1);
  const all = [...made, ...later];
  // A server that was put back to a backup: it has the first entry alone.
  serve((body, call) =>
    call === 1
      ? reply(200, { answers: [{ id: later[0]!.id, seq: "4", intake: "gap", need: "2", receipt: null }] })
      : takenAll(body, all),
  );
  expect(await syncRound()).toMatchObject({ left: 0, trouble: null });
  expect(asked.map(({ items }) => items.map(({ envelope }) => entryOf(envelope, all).seq))).toEqual([
    [4],
    [2, 3, 4],
  ]);
});

test("a gap that nothing fills does not go round in a circle", async () => {
  const made = await entries(2);
  serve(() =>
    reply(200, { answers: [{ id: made[0]!.id, seq: "1", intake: "gap", need: "1", receipt: null }] }),
  );
  expect(await syncRound()).toMatchObject({ left: 2, trouble: "server" });
  expect(asked.length).toBeLessThan(4);
});

test("too much at once is halved until it goes through", async () => {
  const made = await entries(5);
  serve((body) =>
    body.items.length > 2 ? reply(413, "<html>too large</html>", "text/html") : takenAll(body, made),
  );
  expect(await syncRound()).toMatchObject({ left: 0, trouble: null });
  expect(asked.map(({ items }) => items.length)).toEqual([5, 2, 2, 1]);
});

test("one bad item blocks nothing else", async () => {
  const made = await entries(3);
  serve(async (body) => {
    const good = (await (await takenAll(body, made)).json()) as { answers: Given[] };
    const answers = good.answers.map((answer) =>
      answer["seq"] === "2" ? { ...answer, intake: "malformed", receipt: null } : answer,
    );
    return reply(200, { answers });
  });
  expect(await syncRound()).toMatchObject({ left: 1 });
  expect(await waiting()).toEqual([2]);
});

test("what is parked is asked for until it is decided", async () => {
  const made = await entries(1);
  serve((body) => takenAll(body, made, { outcome: "parked", final: "no" }));
  expect(await syncRound()).toMatchObject({ left: 0, receipts: [{ outcome: "parked", final: false }] });
  const decided = await receiptFor(made[0]!, server, { outcome: "flagged" });
  serve(() => reply(200, { answers: [], receipts: [decided] }));
  expect(await syncRound()).toMatchObject({ receipts: [{ outcome: "flagged", final: true }] });
  expect(asked[0]!).toMatchObject({ items: [], ask: [made[0]!.id] });
  await syncRound();
  expect(asked).toHaveLength(1); // nothing is open, and the server heard of us a moment ago
});

test("a password travels beside its own envelope, once, and is nowhere on the device", async () => {
  const proof = { username: "ben", password: "correct horse battery staple" };
  await entries(1);
  const signing = { meaning: "PERF", language: "en", shown_hash: "f".repeat(64), record: {} } as const;
  const said = { meaning: "PERF", statement: "S", language: "en", signer: "ben", at: "2026" } as const;
  const byPassword = fresh({}, { signing, sigs: [{ ...said, auth: { method: "password" } }] });
  const made = (await appendEntry(byPassword)).id;
  serve(() => Promise.reject(new TypeError("cut")));
  await syncRound({ id: made, proof });
  expect(asked[0]!.items.map((item) => [item.attended, item.proof])).toEqual([
    [false, null],
    [true, proof],
  ]);
  await syncRound();
  expect(asked[1]!.items.map((item) => item.proof)).toEqual([null, null]);
  expect(JSON.stringify(await readOutbox())).not.toContain(proof.password);
});

test("what is held for its password is sent again with it", async () => {
  const made = await entries(1);
  serve((body) => takenAll(body, made, { outcome: "held", reason: "proof_missing", final: "no" }));
  await syncRound();
  serve((body) => takenAll(body, made));
  await syncRound({ id: made[0]!.id, proof: { username: "ben", password: "x" } });
  expect(asked[0]!.items).toHaveLength(1);
  expect((await readOutbox()).boxed[0]!.receipt).toMatchObject({ outcome: "accepted", final: true });
});

test.each<[string, Given, string]>([
  ["a fork", { answers: [{ id: "x", seq: "1", intake: "fork", need: null, receipt: null }] }, "forked"],
  [
    "a server that knows more of us than we do",
    { answers: [{ id: "x", seq: "1", intake: "gap", need: "57", receipt: null }] },
    "forked",
  ],
  ["a server that does not know us", { answers: [], device: "unknown" }, "unknown"],
  ["a revoked device", { answers: [], device: "revoked" }, "revoked"],
])("after %s no further entry is chained here", async (_name, given, state) => {
  await entries(1);
  serve(() => reply(200, given));
  await syncRound();
  await vi.waitFor(async () => {
    expect((await readDevice())!.state).toBe(state);
  });
  expect(asked).toHaveLength(1);
});

test("entries of an epoch before are sent under the mark of the new one", async () => {
  const made = await entries(2);
  const { beginEpoch } = await import("../../src/device/outbox.ts");
  await beginEpoch({ ...(await readDevice())!, epoch: 2 }, "8".repeat(64));
  const later = await entries(1);
  serve((body) => takenAll(body, [...made, ...later]));
  expect(await syncRound()).toMatchObject({ left: 0 });
  expect(JSON.parse(asked[0]!.mark.body)).toMatchObject({ epoch: "2", head_seq: "1" });
  expect(asked[0]!.items).toHaveLength(3);
});

test("two pages at once send each envelope once", async () => {
  const made = await entries(2);
  serve((body) => takenAll(body, made));
  await Promise.all([syncRound(), syncRound()]);
  expect(asked.flatMap(({ items }) => items)).toHaveLength(2);
});
