/**
 * The device's outbox: a database of its own whose version stays 1 for good, so that every update of the client,
 * of forms and of processes leaves alone what is not sent yet. `entries` (what was done, in order, sealed),
 * `answers` (the server's receipts, as they came), `seen` (what the person has put away), `head` (the end of the
 * chain), `device` (this device's key and what enrolment gave), `credentials` (people's means of signing here).
 * Only `head`, `device` and `credentials` are ever overwritten.
 */
import type { DBSchema, IDBPDatabase } from "idb";

import type { Text } from "../api/shapes.ts";
import type { Meaning } from "../api/wire.ts";
import { NotStored, type SigningRequest } from "../pending/journal.ts";
import type { Algorithm } from "./keys.ts";
import { openStorage } from "../storage.ts";

export const OUTBOX_DATABASE = "countersign-outbox";

/** One command, sealed. The envelope is what counts; the rest is for this device's own screens. */
export interface OutboxEntry {
  readonly epoch: number;
  readonly seq: number;
  readonly id: string;
  readonly envelope: string;
  readonly hash: string;
  readonly signature: string;
  /** The process instance it is about: what comes after it there depends on it. */
  readonly instance: string;
  readonly name: string;
  readonly about: Text;
  readonly made_by: { readonly id: string; readonly username: string };
  readonly made_at: string;
  readonly zone: string;
  readonly work_item_id: string | null;
  /** What was shown for a signature by password, whose proof is asked for again when it did not arrive. */
  readonly signing: SigningRequest | null;
  /** Whether its record names attached files. */
  readonly files: boolean;
}

export type OutcomeName =
  "accepted" | "merged" | "flagged" | "superseded" | "parked" | "held" | "quarantined" | "refused";

/** A receipt that was verified: the server's text and signature, and what it says. */
export interface KeptReceipt {
  readonly id: string;
  readonly body: string;
  readonly key: string;
  readonly signature: string;
  readonly outcome: OutcomeName;
  readonly final: boolean;
  readonly reason: string | null;
  readonly message: Text | null;
  readonly result: Readonly<Record<string, unknown>>;
  readonly conflict: string | null;
  readonly at: string;
}

export interface Head {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: string;
}

export interface Lease {
  readonly id: string;
  readonly until: string;
  /** When this device received it, by its own clock. */
  readonly since: string;
}

export interface ServerKey {
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly public_key: string;
}

/** The rules for secrets that guard a wrapped key, as the server sets them. */
export interface SecretPolicy {
  readonly secret_length: number;
  readonly tries: number;
  readonly lock_minutes: number;
  readonly iterations: number;
}

/** How the server takes this device: `forked` and `unknown` ask for a new enrolment. */
export type DeviceState = "enrolled" | "revoked" | "unknown" | "forked";

export interface DeviceRow {
  readonly device: string;
  readonly name: string;
  readonly kind: string;
  readonly epoch: number;
  readonly algorithm: Algorithm;
  /** Not extractable: it signs, and never leaves. */
  readonly key: CryptoKey;
  readonly public_key: string;
  /** AES-GCM, not extractable: the outer wrapping of people's keys. */
  readonly box: CryptoKey;
  readonly server_keys: readonly ServerKey[];
  readonly token: string | null;
  readonly leases: Readonly<Record<string, Lease>>;
  readonly kinds: readonly string[];
  readonly policy: SecretPolicy;
  readonly meaning: Meaning | null;
  readonly enrolled_at: string;
  readonly state: DeviceState;
  /** When the server last answered this device, by its own clock. */
  readonly heard_at: string | null;
}

/** A person's means of signing on this device. */
export type CredentialRow =
  | {
      readonly id: string;
      readonly method: "passkey";
      readonly username: string;
      readonly label: string;
      readonly transports: readonly string[];
      readonly registered_at: string;
    }
  | WrappedKey;

/** A signing key that only the person's secret and this device together open. */
export interface WrappedKey {
  readonly id: string;
  readonly method: "key";
  readonly username: string;
  readonly label: string;
  readonly registered_at: string;
  readonly algorithm: Algorithm;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  /** The content key: wrapped by the secret (AES-KW), and that by the device (AES-GCM). */
  readonly wrapped: Uint8Array<ArrayBuffer>;
  readonly wrapped_nonce: Uint8Array<ArrayBuffer>;
  /** The private key (PKCS #8) under the content key (AES-GCM). */
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly sealed_nonce: Uint8Array<ArrayBuffer>;
  readonly failures: number;
  readonly locked_until: string | null;
}

interface OutboxSchema extends DBSchema {
  entries: { key: [number, number]; value: OutboxEntry; indexes: { id: string } };
  answers: { key: number; value: KeptReceipt };
  seen: { key: string; value: { readonly id: string; readonly at: string } };
  head: { key: "head"; value: Head };
  device: { key: "device"; value: DeviceRow };
  credentials: { key: string; value: CredentialRow };
}

export type OutboxDatabase = IDBPDatabase<OutboxSchema>;

let opening: Promise<OutboxDatabase> | null = null;

/** A connection that nobody else uses, to read back what was written. */
export async function freshConnection(): Promise<OutboxDatabase> {
  return openStorage<OutboxSchema>(OUTBOX_DATABASE, 1, {
    upgrade(db) {
      const entries = db.createObjectStore("entries", { keyPath: ["epoch", "seq"] });
      entries.createIndex("id", "id", { unique: true });
      db.createObjectStore("answers", { autoIncrement: true });
      db.createObjectStore("seen", { keyPath: "id" });
      db.createObjectStore("head");
      db.createObjectStore("device");
      db.createObjectStore("credentials", { keyPath: "id" });
    },
    terminated() {
      opening = null; // iOS drops connections of pages in the background; the next call opens a new one
    },
  });
}

function connection(): Promise<OutboxDatabase> {
  opening ??= freshConnection().catch((error: unknown) => {
    opening = null;
    throw new NotStored("This browser does not let the page keep data.", { cause: error });
  });
  return opening;
}

/** What a connection says that was lost under us: it is opened again, once. */
const LOST = new Set(["InvalidStateError", "UnknownError", "TransactionInactiveError"]);

/** Do something with the outbox; once more on a new connection when the old one turns out to be lost. */
export async function withOutbox<T>(act: (db: OutboxDatabase) => Promise<T>): Promise<T> {
  const db = await connection();
  try {
    return await act(db);
  } catch (error) {
    if (!(error instanceof DOMException) || !LOST.has(error.name)) throw error;
    opening = null;
    db.close();
    return act(await connection());
  }
}

export async function readDevice(): Promise<DeviceRow | null> {
  return withOutbox(async (db) => (await db.get("device", "device")) ?? null);
}

/** Change what this device knows of itself; the change is computed within the transaction. */
export async function changeDevice(change: (row: DeviceRow) => DeviceRow): Promise<void> {
  await withOutbox(async (db) => {
    const transaction = db.transaction("device", "readwrite", { durability: "strict" });
    const row = await transaction.store.get("device");
    if (row !== undefined) await transaction.store.put(change(row), "device");
    await transaction.done;
  });
}

export async function readCredentials(username: string): Promise<readonly CredentialRow[]> {
  const rows = await withOutbox((db) => db.getAll("credentials"));
  return rows.filter((row) => row.username === username);
}

export async function keepCredential(row: CredentialRow): Promise<void> {
  await withOutbox(async (db) => {
    const transaction = db.transaction("credentials", "readwrite", { durability: "strict" });
    await Promise.all([transaction.store.put(row), transaction.done]);
  });
}

/** Tests only: forget the open connection. */
export async function closeOutbox(): Promise<void> {
  const open = opening;
  opening = null;
  if (open) (await open.catch(() => null))?.close();
}
