/** The pack is believed as a whole or not at all; only what changed travels; what is gone is gone. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { setCsrf } from "../../src/api/client.ts";
import { makeSigningKey, type SigningKey } from "../../src/device/keys.ts";
import { closeOutbox, OUTBOX_DATABASE } from "../../src/device/store.ts";
import { readTaken } from "../../src/pack/use_pack.ts";
import { closePack, forgetPack, PACK_DATABASE, readCut, readPart } from "../../src/pack/store.ts";
import { takePack } from "../../src/pack/taking.ts";
import { enrolledDevice } from "../device/enrolled.ts";
import { answerOf, hashOf, type Parts, REVOKED } from "./packed.ts";

type Answer = Awaited<ReturnType<typeof answerOf>>;

let server: SigningKey;
let asked: Record<string, string>[];

/** A server that holds these parts; `change` does something to its answer on the way. */
function serve(
  parts: Parts,
  head: Readonly<Record<string, unknown>> = {},
  change: (answer: Answer) => Answer = (answer) => answer,
): void {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    expect(path).toBe("/api/pack");
    const { have } = JSON.parse(init.body as string) as { have: Record<string, string> };
    asked.push(have);
    const body = JSON.stringify(change(await answerOf(server, parts, have, head)));
    return new Response(body, { headers: { "Content-Type": "application/json" } });
  });
}

beforeEach(async () => {
  await Promise.all([closeOutbox(), closePack()]);
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
  indexedDB.deleteDatabase(PACK_DATABASE);
  setCsrf("token");
  asked = [];
  server = await makeSigningKey(false);
  await enrolledDevice({}, server);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("it asks for what it has not got, keeps what stays and drops what is gone", async () => {
  serve({ meanings: { a: 1 }, revoked: REVOKED, "form/1": {} });
  await takePack("ben");
  serve({ meanings: { a: 2 }, revoked: REVOKED });
  const cut = await takePack("ben");
  expect(asked).toEqual([{}, { meanings: hashOf({ a: 1 }), revoked: hashOf(REVOKED), "form/1": hashOf({}) }]);
  expect(cut?.parts).toEqual({ meanings: hashOf({ a: 2 }), revoked: hashOf(REVOKED) });
  expect((await readPart("ben", "meanings"))?.text).toBe('{"a":2}');
  expect((await readPart("ben", "revoked"))?.text).toBe(JSON.stringify(REVOKED));
  expect(await readPart("ben", "form/1")).toBeNull();
});

test("what another key signed is not kept, and what was there stays", async () => {
  serve({ meanings: { a: 1 } });
  await takePack("ben");
  const own = server;
  server = await makeSigningKey(false);
  serve({ meanings: { a: "forged" } });
  await expect(takePack("ben")).rejects.toThrow("signature");
  server = own;
  serve({ meanings: { a: 1 } });
  expect((await takePack("ben"))?.parts["meanings"]).toBe(hashOf({ a: 1 }));
});

test.each([
  [
    "a part that was changed on its way",
    (answer: Answer) => ({ ...answer, parts: { meanings: '{"a":"other"}' } }),
  ],
  [
    "a part that is on no list",
    (answer: Answer) => ({ ...answer, parts: { ...answer.parts, revoked: "{}" } }),
  ],
  ["a part that did not come", (answer: Answer) => ({ ...answer, parts: {} })],
  ["a list that was changed", (answer: Answer) => ({ ...answer, cut: answer.cut.replace("ben", "bea") })],
  ["a key that it was not given", (answer: Answer) => ({ ...answer, key: "k2" })],
])("%s: nothing of it is kept", async (_what, change) => {
  serve({ meanings: { a: 1 } }, {}, change);
  await expect(takePack("ben")).rejects.toThrow();
  expect(await readCut("ben")).toBeNull();
  expect(await readPart("ben", "meanings")).toBeNull();
});

test("a pack of another person or device is not taken", async () => {
  serve({}, { person: "cleo" });
  await expect(takePack("ben")).rejects.toThrow("somebody else");
  serve({}, { device: "another" });
  await expect(takePack("ben")).rejects.toThrow("somebody else");
});

test("a part that was damaged here is fetched again", async () => {
  serve({ meanings: { a: 1 }, revoked: REVOKED });
  await takePack("ben");
  let calls = 0;
  // The list here says that it is there, and the server believes it: what comes is not whole.
  serve({ meanings: { a: 2 }, revoked: REVOKED }, {}, (answer) =>
    calls++ === 0 ? { ...answer, parts: {} } : answer,
  );
  expect((await takePack("ben"))?.parts["meanings"]).toBe(hashOf({ a: 2 }));
  expect(asked.at(-1)).toEqual({});
});

test("who signs out takes it away; the screens say what is there", async () => {
  serve({ revoked: REVOKED, meanings: {}, "form/1": {}, "stretch/9": {} });
  await takePack("ben");
  const taken = await readTaken("ben");
  expect([taken.refusal, taken.forms, taken.machines, taken.revoked]).toEqual([null, 1, 1, true]);
  await forgetPack("ben");
  expect((await readTaken("ben")).cut).toBeNull();
});
