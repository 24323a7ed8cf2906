/**
 * Enrolling this browser as a device: a key that never leaves it, known to the server, and the beginning of a chain.
 * Enrolling again begins a new epoch: what the outbox holds stays, signed by the key of its time, and is sent. The key
 * of that time signs for the new one; who lost it, and is not who enrolled the device, begins as another device.
 */
import { Refused } from "../api/client.ts";
import { sendCommand } from "../api/endpoints.ts";
import { fact, rememberFact } from "../mirror/copies.ts";
import { newCommandId } from "../pending/identifiers.ts";
import { withLock } from "../pending/journal.ts";
import { obstacle } from "./capability.ts";
import { enrolBody, leaseBody } from "./envelope.ts";
import { makeSigningKey, sign } from "./keys.ts";
import { beginEpoch } from "./outbox.ts";
import { changeDevice, type DeviceRow, type Lease, readDevice } from "./store.ts";
import { enrolled, renewed } from "./wire.ts";

export type DeviceKind = "phone" | "tablet" | "handheld" | "desktop" | "wall";
export const DEVICE_KINDS: readonly DeviceKind[] = ["handheld", "phone", "tablet", "desktop", "wall"];

/** Remembered outside the outbox: who loses the outbox and enrols again shall be known as the same device. */
const DEVICE_ID = "device-id";
const ENROL_LOCK = "countersign-outbox-append"; // nobody appends while an epoch ends

export interface Enrolment {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly username: string;
  /** The device whose place this one takes. */
  readonly replaces: string | null;
}

/** Enrol; raises Refused, Unreachable or NotStored, and then nothing has changed here. */
export async function enrol(asked: Enrolment): Promise<DeviceRow> {
  if (obstacle() !== null) throw new Error("This browser cannot sign without a network.");
  const before = await readDevice();
  const remembered = await fact(DEVICE_ID);
  const id = before?.device ?? (typeof remembered === "string" ? remembered : newCommandId());
  await rememberFact(DEVICE_ID, id);
  await (navigator as { storage?: Partial<StorageManager> }).storage?.persist?.().catch(() => false);
  const [key, box] = await Promise.all([
    makeSigningKey(false),
    crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
  ]);
  const ask = async (device: string, replaces: string | null): Promise<unknown> => {
    const command_id = newCommandId();
    const { signed } = enrolBody({ command_id, device, public_key: key.publicKey });
    const { result } = await sendCommand("enrol-device", {
      command_id,
      device_id: device,
      name: asked.name,
      kind: asked.kind,
      algorithm: key.algorithm,
      public_key: key.publicKey,
      replaces: replaces === device ? null : replaces,
      previous_signature: before === null ? null : await sign(before.algorithm, before.key, signed),
    });
    return result;
  };
  const result = await ask(id, asked.replaces).catch(async (error: unknown) => {
    const another = error instanceof Refused && error.problem.reason === "not_yours" && before === null;
    if (!another) throw error;
    const fresh = newCommandId();
    await rememberFact(DEVICE_ID, fresh);
    return ask(fresh, id);
  });
  const given = enrolled(result, "/result");
  const now = new Date().toISOString();
  const row: DeviceRow = {
    device: given.device,
    name: asked.name,
    kind: asked.kind,
    epoch: given.epoch,
    algorithm: key.algorithm,
    key: key.key,
    public_key: key.publicKey,
    box: before?.box ?? box, // people's keys were wrapped with it
    server_keys: [
      given.server_key,
      ...(before?.server_keys ?? []).filter(({ id: known }) => known !== given.server_key.id),
    ],
    token: given.token,
    leases: leaseOf(asked.username, given.lease, now), // what was lent belongs to the epoch it was lent in
    kinds: given.kinds,
    policy: given.policy,
    meaning: given.meaning,
    enrolled_at: now,
    state: "enrolled",
    heard_at: now,
  };
  await withLock(ENROL_LOCK, () => beginEpoch(row, given.genesis));
  return row;
}

function leaseOf(
  username: string,
  lease: { readonly id: string; readonly until: string } | null,
  since: string,
): Readonly<Record<string, Lease>> {
  return lease === null ? {} : { [username]: { ...lease, since } };
}

/** Whether less than two thirds of the time that was lent are left. */
export function renewalIsDue(lease: Lease | undefined, now: number = Date.now()): boolean {
  if (lease === undefined) return true;
  const since = Date.parse(lease.since);
  const until = Date.parse(lease.until);
  return now > since + (until - since) / 3;
}

/** Whether a person may sign on this device now, by its own clock. */
export function leaseHolds(lease: Lease | undefined, now: number = Date.now()): boolean {
  return lease !== undefined && now < Date.parse(lease.until);
}

/** Let the person who is signed in work here without a network for another while; raises Refused or Unreachable. */
export async function renewLease(username: string): Promise<void> {
  const device = await readDevice();
  if (device === null) return;
  const command_id = newCommandId();
  const { signed } = leaseBody({ command_id, device: device.device, username });
  const { result } = await sendCommand("renew-lease", {
    command_id,
    device_id: device.device,
    device_signature: await sign(device.algorithm, device.key, signed),
  });
  const given = renewed(result, "/result");
  const now = new Date().toISOString();
  await changeDevice((row) => ({
    ...row,
    token: given.token ?? row.token,
    kinds: given.kinds,
    policy: given.policy,
    meaning: given.meaning ?? row.meaning,
    leases: { ...row.leases, ...leaseOf(username, given.lease, now) },
    server_keys:
      given.server_key === null || row.server_keys.some(({ id }) => id === given.server_key?.id)
        ? row.server_keys
        : [...row.server_keys, given.server_key],
  }));
}
