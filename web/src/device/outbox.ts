/**
 * Appending to the outbox and reading it. An entry is computed first (its hash needs the entry before, and signing
 * takes time) and written in one transaction that begins by comparing the head: reading the head, signing and writing
 * would lose half of what three tabs write, and the chain that is left would still verify. A Web Lock keeps retries
 * rare. Nothing counts as saved before it was read back on another connection.
 */
import { NotStored, type SigningRequest, withLock } from "../pending/journal.ts";
import type { Text } from "../api/shapes.ts";
import { type Chain, type DeviceRecord, type PersonSignature, sealed } from "./envelope.ts";
import { sign } from "./keys.ts";
import {
  changeDevice,
  type DeviceRow,
  freshConnection,
  type Head,
  type KeptReceipt,
  type OutboxDatabase,
  type OutboxEntry,
  readDevice,
  withOutbox,
} from "./store.ts";

const APPEND_LOCK = "countersign-outbox-append";
const ATTEMPTS = 50;

/** What goes into the outbox, before it has its place there. */
export interface NewEntry {
  readonly record: DeviceRecord;
  readonly sigs: readonly PersonSignature[];
  readonly instance: string;
  readonly name: string;
  readonly about: Text;
  readonly made_by: { readonly id: string; readonly username: string };
  readonly work_item_id: string | null;
  readonly signing: SigningRequest | null;
}

/** Append; resolved only when it is on the disk and was read back. Raises NotStored. */
export async function appendEntry(fresh: NewEntry): Promise<OutboxEntry> {
  return withLock(APPEND_LOCK, async () => {
    try {
      const entry = await withOutbox((db) => appended(db, fresh));
      await readBack(entry);
      return entry;
    } catch (error) {
      if (error instanceof NotStored) throw error;
      throw new NotStored("The command could not be stored on this device.", { cause: error });
    }
  });
}

async function appended(db: OutboxDatabase, fresh: NewEntry): Promise<OutboxEntry> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // A connection that was lost may have written before it went.
    const there = await db.getFromIndex("entries", "id", fresh.record.id);
    if (there !== undefined) return there;
    const [device, head] = await Promise.all([db.get("device", "device"), db.get("head", "head")]);
    if (device === undefined || head === undefined) throw new NotStored("This device is not enrolled.");
    const entry = await placed(fresh, device, head);
    if (await written(db, entry, head)) return entry;
  }
  throw new NotStored("Other pages of this client kept writing; the command was not stored.");
}

async function placed(fresh: NewEntry, device: DeviceRow, head: Head): Promise<OutboxEntry> {
  const seq = head.seq + 1;
  const chain: Chain = {
    device: device.device,
    epoch: String(head.epoch),
    seq: String(seq),
    prev: head.hash,
  };
  const { envelope, hash, signed } = sealed(fresh.record, fresh.sigs, chain);
  return {
    epoch: head.epoch,
    seq,
    id: fresh.record.id,
    envelope,
    hash,
    signature: await sign(device.algorithm, device.key, signed),
    instance: fresh.instance,
    name: fresh.name,
    about: fresh.about,
    made_by: fresh.made_by,
    made_at: fresh.record.time["wall"] ?? "",
    zone: fresh.record.time["zone"] ?? "",
    work_item_id: fresh.work_item_id,
    signing: fresh.signing,
    files: fresh.record.attachments.length > 0,
  };
}

/** Compare and swap: false when another page wrote since `head` was read. */
async function written(db: OutboxDatabase, entry: OutboxEntry, head: Head): Promise<boolean> {
  const transaction = db.transaction(["entries", "head"], "readwrite", { durability: "strict" });
  const now = await transaction.objectStore("head").get("head");
  if (now?.epoch !== head.epoch || now.seq !== head.seq || now.hash !== head.hash) {
    await transaction.done;
    return false;
  }
  await Promise.all([
    transaction.objectStore("entries").add(entry),
    transaction.objectStore("head").put({ epoch: entry.epoch, seq: entry.seq, hash: entry.hash }, "head"),
    transaction.done,
  ]);
  return true;
}

async function readBack(entry: OutboxEntry): Promise<void> {
  const db = await freshConnection();
  try {
    const there = await db.get("entries", [entry.epoch, entry.seq]);
    if (there?.envelope !== entry.envelope || there.signature !== entry.signature)
      throw new NotStored("The command was not found again on this device.");
  } finally {
    db.close();
  }
}

/** An entry with the last word of the server about it; null while there is none. */
export interface Boxed {
  readonly entry: OutboxEntry;
  readonly receipt: KeptReceipt | null;
  readonly seen: boolean;
}

/** The whole outbox in order, all epochs, and its head. */
export async function readOutbox(): Promise<{
  readonly boxed: readonly Boxed[];
  readonly head: Head | null;
}> {
  return withOutbox(async (db) => {
    const transaction = db.transaction(["entries", "answers", "seen", "head"]);
    const [entries, receipts, seen, head] = await Promise.all([
      transaction.objectStore("entries").getAll(),
      transaction.objectStore("answers").getAll(),
      transaction.objectStore("seen").getAllKeys(),
      transaction.objectStore("head").get("head"),
    ]);
    await transaction.done;
    const last = new Map<string, KeptReceipt>();
    for (const receipt of receipts)
      if (receipt.final || last.get(receipt.id)?.final !== true) last.set(receipt.id, receipt);
    const putAway = new Set(seen);
    return {
      boxed: entries.map((entry) => ({
        entry,
        receipt: last.get(entry.id) ?? null,
        seen: putAway.has(entry.id),
      })),
      head: head ?? null,
    };
  });
}

/** Keep verified receipts; the same one twice is kept once. Returns those that were new. */
export async function keepReceipts(receipts: readonly KeptReceipt[]): Promise<readonly KeptReceipt[]> {
  if (receipts.length === 0) return [];
  return withOutbox(async (db) => {
    const transaction = db.transaction("answers", "readwrite", { durability: "strict" });
    const known = new Set((await transaction.store.getAll()).map(({ body }) => body));
    const fresh = receipts.filter(({ body }) => !known.has(body));
    await Promise.all([...fresh.map((receipt) => transaction.store.add(receipt)), transaction.done]);
    return fresh;
  });
}

/** Put what the server said away; it stays in the outbox. */
export async function markEntrySeen(id: string, at: string): Promise<void> {
  await withOutbox((db) => db.put("seen", { id, at }));
}

/** Make this an enrolled device, or begin a new epoch; what older epochs hold stays and is sent. */
export async function beginEpoch(row: DeviceRow, genesis: string): Promise<void> {
  await withOutbox(async (db) => {
    const transaction = db.transaction(["device", "head"], "readwrite", { durability: "strict" });
    await Promise.all([
      transaction.objectStore("device").put(row, "device"),
      transaction.objectStore("head").put({ epoch: row.epoch, seq: 0, hash: genesis }, "head"),
      transaction.done,
    ]);
  });
}

/** Everything of the outbox as lines of JSON: what was done, as it was sealed, and what the server said. */
export async function exported(): Promise<string> {
  const device = await readDevice();
  const { boxed, head } = await readOutbox();
  const lines = [
    {
      format: "countersign-outbox-1",
      device: device?.device ?? null,
      name: device?.name ?? null,
      algorithm: device?.algorithm ?? null,
      public_key: device?.public_key ?? null,
      head,
      exported_at: new Date().toISOString(),
    },
    ...boxed.map(({ entry, receipt }) => ({
      envelope: entry.envelope,
      signature: entry.signature,
      hash: entry.hash,
      about: entry.about,
      receipt: receipt && { body: receipt.body, key: receipt.key, signature: receipt.signature },
    })),
  ];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

export { changeDevice, readDevice };
