/** An enrolled device and what people do on it, for the tests of src/device. */
import type { NewEntry } from "../../src/device/outbox.ts";
import { beginEpoch } from "../../src/device/outbox.ts";
import { makeSigningKey, sign, type SigningKey } from "../../src/device/keys.ts";
import { receiptBody } from "../../src/device/envelope.ts";
import { jcs } from "../../src/device/bytes.ts";
import type { DeviceRow, OutboxEntry } from "../../src/device/store.ts";
import { swapIn } from "../../src/pack/store.ts";
import { newCommandId } from "../../src/pending/identifiers.ts";

export const GENESIS = "9".repeat(64);
export const INSTANCE = "0193f7a2-1111-7000-8000-000000000001";
export const BEN = { id: "u-ben", username: "ben" };

/** Enrol this browser, as the server would have it; `more` changes what it got. */
export async function enrolledDevice(more: Partial<DeviceRow> = {}, server?: SigningKey): Promise<DeviceRow> {
  const key = await makeSigningKey(false);
  const box = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const until = new Date(Date.now() + 72 * 3600_000).toISOString();
  const row: DeviceRow = {
    device: "0193f7a2-0d00-7000-8000-00000000000d",
    name: "IQC tablet 2",
    kind: "tablet",
    epoch: 1,
    algorithm: key.algorithm,
    key: key.key,
    public_key: key.publicKey,
    box,
    server_keys: server ? [{ id: "k1", algorithm: server.algorithm, public_key: server.publicKey }] : [],
    token: null,
    leases: { ben: { id: "lease-1", until, since: new Date().toISOString() } },
    kinds: ["work_item.complete", "process_instance.start"],
    policy: { secret_length: 6, tries: 3, lock_minutes: 15, iterations: 1_000 },
    meaning: null,
    enrolled_at: "2026-11-23T10:00:00.000Z",
    state: "enrolled",
    heard_at: new Date().toISOString(),
    ...more,
  };
  await beginEpoch(row, GENESIS);
  return row;
}

/** Let a person have taken a pack along: without one nothing is done without a network. */
export async function takenAlong(person: string): Promise<void> {
  const text = JSON.stringify({ devices: [], credentials: [], people: [] });
  const head = { device: "0193f7a2-0d00-7000-8000-00000000000d", person, cursor: "", more: false };
  const until = new Date(Date.now() + 24 * 3600_000).toISOString();
  const signed = { body: "", key: "k1", signature: "" };
  await swapIn(
    {
      ...head,
      made_at: new Date().toISOString(),
      valid_until: until,
      parts: { revoked: "" },
      taken_at: Date.now(),
      signed,
    },
    [{ person, name: "revoked", hash: "", text }],
  );
}

/** What goes into the outbox: a completion by Ben. */
export function fresh(data: Readonly<Record<string, string>> = {}, more: Partial<NewEntry> = {}): NewEntry {
  return {
    record: {
      v: "1",
      id: newCommandId(),
      kind: "work_item.complete",
      tenant: "main",
      actor: "ben",
      target: { process_instance: INSTANCE, activity: "Documents", visit: "1", index: null },
      definition: { process: "inspection", version: null, hash: "a".repeat(64), form: null },
      data,
      base: {},
      attachments: [],
      lease: "lease-1",
      depends: [],
      next: null,
      why: null,
      station: null,
      time: { wall: new Date().toISOString(), zone: "UTC", monotonic: "1.0", life: "AAAA", token: null },
    },
    sigs: [],
    instance: INSTANCE,
    name: "complete-work-item",
    about: { en: "Complete", zh: "完成" },
    made_by: BEN,
    work_item_id: `${INSTANCE}.7`,
    signing: null,
    ...more,
  };
}

/** A receipt as the server signs it. */
export async function receiptFor(
  entry: Pick<OutboxEntry, "id" | "epoch" | "seq" | "hash">,
  server: SigningKey,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly body: string; readonly key: string; readonly signature: string }> {
  const body = jcs({
    v: "1",
    id: entry.id,
    device: "0193f7a2-0d00-7000-8000-00000000000d",
    epoch: String(entry.epoch),
    seq: String(entry.seq),
    envelope: entry.hash,
    outcome: "accepted",
    reason: null,
    message: null,
    result: {},
    conflict: null,
    at: "2026-11-23T10:01:00.000Z",
    final: "yes",
    ...more,
  });
  const signature = await sign(server.algorithm, server.key, receiptBody(body).signed);
  return { body, key: "k1", signature };
}
