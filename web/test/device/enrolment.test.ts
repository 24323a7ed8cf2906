/** Enrolling again: the key of before signs for the new one; without it nobody takes over what another enrolled. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { setCsrf } from "../../src/api/client.ts";
import { enrol } from "../../src/device/enrolment.ts";
import { enrolBody } from "../../src/device/envelope.ts";
import { verify } from "../../src/device/keys.ts";
import { closeOutbox, OUTBOX_DATABASE, readDevice } from "../../src/device/store.ts";
import { rememberFact } from "../../src/mirror/copies.ts";
import { enrolledDevice, GENESIS } from "./enrolled.ts";

interface Asked {
  readonly command_id: string;
  readonly device_id: string;
  readonly public_key: string;
  readonly replaces: string | null;
  readonly previous_signature: string | null;
}

const ASKED = { name: "Handheld 3", kind: "handheld", username: "cleo", replaces: null } as const;
const FORMER = "0193f7a2-0d00-7000-8000-0000000000f0";

let asked: Asked[];
/** The number of a device that somebody else enrolled. */
let another: string | null;

const reply = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

function answered(_path: string, init: RequestInit): Promise<Response> {
  const body = JSON.parse(init.body as string) as Asked;
  asked.push(body);
  if (body.device_id === another)
    return Promise.resolve(reply(403, { title: "Refused", detail: "", reason: "not_yours" }));
  const result = {
    device: body.device_id,
    epoch: "2",
    genesis: GENESIS,
    lease: { id: "lease-9", until: new Date(Date.now() + 3600_000).toISOString() },
    server_key: { id: "k1", algorithm: "Ed25519", public_key: "x" },
    token: "t",
  };
  return Promise.resolve(reply(200, { outcome: "accepted", command_id: body.command_id, result }));
}

beforeEach(async () => {
  await closeOutbox();
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
  setCsrf("token");
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  vi.stubGlobal("fetch", answered);
  [asked, another] = [[], null];
});
afterEach(closeOutbox);

test("the key that the device had signs for the new one, and what was lent to others is not carried over", async () => {
  const before = await enrolledDevice();
  await enrol(ASKED);
  const [sent] = asked;
  const { command_id, device_id, public_key, previous_signature } = sent!;
  expect(device_id).toBe(before.device);
  expect(public_key).not.toBe(before.public_key);
  const { signed } = enrolBody({ command_id, device: device_id, public_key });
  expect(await verify(before.algorithm, before.public_key, signed, previous_signature!)).toBe(true);
  expect(Object.keys((await readDevice())!.leases)).toEqual(["cleo"]);
});

test("who lost the key of a device that another enrolled begins as a new device in its place", async () => {
  await rememberFact("device-id", FORMER);
  another = FORMER;
  const row = await enrol(ASKED);
  expect(asked.map((each) => each.previous_signature)).toEqual([null, null]);
  expect(row.device).not.toBe(FORMER);
  expect(asked[1]).toMatchObject({ device_id: row.device, replaces: FORMER });
});

test("a device that still has its key is not given up by a refusal", async () => {
  const before = await enrolledDevice();
  another = before.device;
  await expect(enrol(ASKED)).rejects.toThrow();
  expect((await readDevice())!.public_key).toBe(before.public_key);
  expect(asked).toHaveLength(1);
});
