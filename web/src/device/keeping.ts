/** The outbox as `pending` uses it: keep what a person does, send it, say what waits. */
import type { Answer, JournalEntry, Kept } from "../pending/journal.ts";
import { markSeen, readJournal } from "../pending/journal.ts";
import type { Command } from "../pending/pending.ts";
import { isReachable } from "../api/connection.ts";
import { putAttachment } from "../api/endpoints.ts";
import { type DeviceRecord, deviceRecordHash, type PersonSignature, type RecordKind } from "./envelope.ts";
import { leaseHolds, renewalIsDue, renewLease } from "./enrolment.ts";
import { appendEntry, type Boxed, markEntrySeen, readOutbox } from "./outbox.ts";
import { recordOf, type Subject } from "./record.ts";
import { answerOf, keptOf } from "./rulings.ts";
import { type DeviceRow, readDevice, withOutbox } from "./store.ts";
import { type Attended, syncRound, waits } from "./sync.ts";
import type { Trouble } from "../pending/sending.ts";

interface Person {
  readonly id: string;
  readonly username: string;
}

/** A record that is ready to be signed on this device. */
export interface Prepared {
  readonly record: DeviceRecord;
  /** Hex; what the person's signature binds to. */
  readonly hash: string;
  readonly device: DeviceRow;
}

/** A prepared record with its signatures. */
export interface SignedRecord {
  readonly record: DeviceRecord;
  readonly sigs: readonly PersonSignature[];
}

/**
 * This device when commands of this kind by this person go by its outbox; null where they go as plain commands: who
 * has no lease here has to be signed in for what they do.
 */
async function deviceFor(kind: RecordKind, person: Person): Promise<DeviceRow | null> {
  const device = await readDevice().catch(() => null);
  if (device?.state !== "enrolled" || !device.kinds.includes(kind)) return null;
  if (leaseHolds(device.leases[person.username])) return device;
  await renewLease(person.username).catch(() => undefined);
  const renewed = await readDevice();
  return leaseHolds(renewed?.leases[person.username]) ? renewed : null;
}

/** Make the record of a command, to be signed; null where this device does not sign by itself. */
export async function prepare(command: Command, person: Person): Promise<Prepared | null> {
  if (command.subject === undefined) return null;
  const device = await deviceFor(command.subject.kind, person);
  if (device === null) return null;
  const { boxed } = await readOutbox();
  const next = await expected(command.subject, person, boxed);
  const record = recordOf(command.subject, person.username, device, boxed, next);
  return { record, hash: deviceRecordHash(record), device };
}

/**
 * What the device expects to open: said where the server is not reached, or has not answered yet what was done of the
 * same instance before. Otherwise it is there to decide, and nothing has to be foretold.
 */
async function expected(
  subject: Subject,
  { username }: Person,
  boxed: readonly Boxed[],
): Promise<readonly string[] | null> {
  const before = boxed.some(({ entry, receipt }) => entry.instance === subject.instance && receipt === null);
  if (isReachable() && !before) return null;
  try {
    const { foresee } = await import("../pack/foresight.ts");
    return await foresee(subject, username, boxed);
  } catch {
    return null; // no pack, or one that does not say: the server goes on from here
  }
}

/**
 * Keep a command in the outbox; null when it is none of the outbox (no enrolled device, another kind, or to be
 * signed and not signed here). Raises NotStored.
 */
export async function keep(
  command: Command,
  person: Person,
  signed: SignedRecord | null,
): Promise<JournalEntry | null> {
  if (command.subject === undefined) return null;
  await mindPack(command.subject, person);
  if (command.signing != null && signed === null) return null;
  const ready = signed ?? (await unsigned(command, person));
  if (ready === null) return null;
  const byPassword = ready.sigs.some(({ auth }) => auth.method === "password");
  const entry = await appendEntry({
    ...ready,
    instance: command.subject.instance,
    name: command.name,
    about: command.about,
    made_by: person,
    work_item_id: command.work_item_id ?? null,
    signing: byPassword ? (command.signing ?? null) : null,
  });
  return keptOf({ entry, receipt: null, seen: false }).entry;
}

/** Without a network only what the pack lets one do. Raises Refused. */
async function mindPack(subject: Subject, person: Person): Promise<void> {
  if (isReachable()) return;
  const device = await readDevice().catch(() => null);
  if (device?.state !== "enrolled" || !device.kinds.includes(subject.kind)) return;
  const { requireLeave } = await import("../pack/foresight.ts");
  await requireLeave(subject, person.username, device);
}

async function unsigned(command: Command, person: Person): Promise<SignedRecord | null> {
  const prepared = await prepare(command, person);
  return prepared && { record: prepared.record, sigs: [] };
}

/** What one round of the outbox came to. */
export interface OutboxRound {
  readonly answers: readonly Answer[];
  /** Whether anything new was said, also what is no answer yet. */
  readonly heard: boolean;
  readonly left: number;
  readonly trouble: Trouble | null;
}

/** Send what the outbox holds, whoever made it; files that records name go along while somebody is signed in. */
export async function sendOutbox(
  person: Person | null,
  attended: Attended | null = null,
): Promise<OutboxRound> {
  const device = await readDevice().catch(() => null);
  if (device === null) return { answers: [], heard: false, left: 0, trouble: null };
  if (person !== null) await sendFiles(attended !== null);
  const { receipts, left, trouble } = await syncRound(attended);
  if (person !== null && trouble === null) await renewWhenDue(person.username);
  const answers = receipts.flatMap((receipt) => answerOf(receipt) ?? []);
  return { answers, heard: receipts.length > 0, left, trouble };
}

/** The server must have the files before it can take up a record that names them. */
async function sendFiles(now: boolean): Promise<void> {
  const { boxed } = await readOutbox();
  if (!boxed.some((kept) => kept.entry.files && (waits(kept) || kept.receipt?.final === false))) return;
  const { sendWaitingFiles } = await import("../forms/attachments/uploads.ts");
  const sending = sendWaitingFiles(putAttachment).catch(() => 0);
  // Who waits before the screen waits for the files too; the others follow when they can.
  if (now) await sending;
}

async function renewWhenDue(username: string): Promise<void> {
  const device = await readDevice();
  if (device?.state !== "enrolled" || !renewalIsDue(device.leases[username])) return;
  // What stands in the way (no network after all, a server that refuses) shows in the lease that runs out.
  await renewLease(username).catch(() => undefined);
}

/** Everything that was asked for on this device, oldest first: the journal's and the outbox's. */
export async function readKept(): Promise<readonly Kept[]> {
  const [journal, outbox] = await Promise.all([
    readJournal().catch(() => []),
    readOutbox().catch(() => ({ boxed: [] })),
  ]);
  if (outbox.boxed.length === 0) return journal;
  return [...journal, ...outbox.boxed.map(keptOf)].sort((one, other) =>
    one.entry.made_at < other.entry.made_at ? -1 : one.entry.made_at > other.entry.made_at ? 1 : 0,
  );
}

/** Put what was said of a command away, wherever it is kept. */
export async function markRead(id: string, at: string): Promise<void> {
  const there = await withOutbox((db) => db.getKeyFromIndex("entries", "id", id)).catch(() => undefined);
  await (there === undefined ? markSeen(id, at) : markEntrySeen(id, at));
}
