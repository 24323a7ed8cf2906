/**
 * The journal of commands made on this device: stored before they are sent, never changed, never removed.
 *
 * It has a database of its own whose version stays 1 for good: a command must survive every update of the
 * client. Four stores: `journal` (what was asked, in order, chained by hash), `answers` (what the server
 * said, one for a command), `seen` (which answers the person has put away) and `head` (the end of the chain).
 * Only `head` is ever overwritten.
 *
 * Two tabs append at the same time. Reading the head, hashing and writing would lose half of the records, and
 * the chain that is left would still verify. So the new entry is computed first and written in one transaction
 * that begins by comparing the head with what was read (and retries); a Web Lock keeps the retries rare.
 */
import type { DBSchema, IDBPDatabase } from "idb";

import type { Problem } from "../api/wire.ts";
import type { Ruling } from "../device/rulings.ts";
import { domainHash } from "./canonical.ts";
import { openStorage } from "../storage.ts";

export const JOURNAL_DATABASE = "countersign-pending";
const HASH_DOMAIN = "countersign-pending-v1";
const APPEND_LOCK = "countersign-pending-append";
const ATTEMPTS = 50;

/** What makes a completion wait for its signer: everything that is signed, and nothing secret. */
export interface SigningRequest {
  readonly meaning: string;
  readonly language: "zh" | "en";
  readonly shown_hash: string;
  readonly record: Readonly<Record<string, unknown>>;
}

export interface NewCommand {
  readonly command_id: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly made_by: { readonly id: string; readonly username: string };
  readonly made_at: string;
  readonly zone: string;
  /** What the person sees this command called, in both languages. */
  readonly about: { readonly en: string; readonly zh: string };
  readonly work_item_id: string | null;
  readonly signing: SigningRequest | null;
}

export interface JournalEntry extends NewCommand {
  readonly format: 1;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

export type Answer =
  | {
      readonly command_id: string;
      readonly outcome: "accepted";
      readonly at: string;
      readonly result: Readonly<Record<string, unknown>>;
    }
  | {
      readonly command_id: string;
      readonly outcome: "rejected";
      readonly at: string;
      readonly problem: Problem;
    };

interface Head {
  readonly seq: number;
  readonly hash: string;
}

interface PendingSchema extends DBSchema {
  journal: { key: number; value: JournalEntry; indexes: { command_id: string } };
  answers: { key: string; value: Answer };
  seen: { key: string; value: { readonly command_id: string; readonly at: string } };
  head: { key: "head"; value: Head };
}

type Database = IDBPDatabase<PendingSchema>;

/** This browser keeps nothing (private window, storage full): nothing may be called saved. */
export class NotStored extends Error {
  override readonly name = "NotStored";
}

let opening: Promise<Database> | null = null;

function database(): Promise<Database> {
  opening ??= opened().catch((error: unknown) => {
    opening = null;
    throw new NotStored("This browser does not let the page keep data.", { cause: error });
  });
  return opening;
}

/** Asynchronous throughout: a browser that forbids storage throws at once, others refuse later. */
async function opened(): Promise<Database> {
  return openStorage<PendingSchema>(JOURNAL_DATABASE, 1, {
    upgrade(db) {
      const journal = db.createObjectStore("journal", { keyPath: "seq" });
      journal.createIndex("command_id", "command_id", { unique: true });
      db.createObjectStore("answers", { keyPath: "command_id" });
      db.createObjectStore("seen", { keyPath: "command_id" });
      db.createObjectStore("head");
    },
    terminated() {
      opening = null; // iOS drops connections of pages in the background; the next call opens a new one
    },
  });
}

/** Append a command; resolved only when it is on the disk. Raises NotStored. */
export async function append(command: NewCommand): Promise<JournalEntry> {
  return withLock(APPEND_LOCK, async () => {
    const db = await database();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const head = (await db.get("head", "head")) ?? { seq: 0, hash: "" };
      const entry = chained(command, head);
      if (await written(db, entry, head)) return entry;
    }
    throw new NotStored("Other pages of this client kept writing; the command was not stored.");
  });
}

function chained(command: NewCommand, head: Head): JournalEntry {
  const unhashed = { ...command, format: 1 as const, seq: head.seq + 1, prev: head.hash };
  return { ...unhashed, hash: domainHash(HASH_DOMAIN, unhashed) };
}

/** Compare and swap: false when another page wrote since `head` was read. */
async function written(db: Database, entry: JournalEntry, head: Head): Promise<boolean> {
  try {
    const transaction = db.transaction(["journal", "head"], "readwrite", { durability: "strict" });
    const current = (await transaction.objectStore("head").get("head")) ?? { seq: 0, hash: "" };
    if (current.seq !== head.seq || current.hash !== head.hash) {
      await transaction.done;
      return false;
    }
    await Promise.all([
      transaction.objectStore("journal").add(entry),
      transaction.objectStore("head").put({ seq: entry.seq, hash: entry.hash }, "head"),
      transaction.done,
    ]);
    return true;
  } catch (error) {
    throw new NotStored("The command could not be stored on this device.", { cause: error });
  }
}

/** Keep an answer; the first one stays (the server gives the same again). */
export async function keepAnswer(answer: Answer): Promise<void> {
  const db = await database();
  const transaction = db.transaction("answers", "readwrite", { durability: "strict" });
  if ((await transaction.store.get(answer.command_id)) === undefined) await transaction.store.add(answer);
  await transaction.done;
}

/** Put an answer away; it stays in the journal. */
export async function markSeen(commandId: string, at: string): Promise<void> {
  const db = await database();
  await db.put("seen", { command_id: commandId, at });
}

export interface Kept {
  readonly entry: JournalEntry;
  readonly answer: Answer | null;
  readonly seen: boolean;
  /** Whether it is in the device's outbox (src/device), not in this journal. */
  readonly boxed?: boolean;
  /** What the server said of it by a signed receipt. */
  readonly ruling?: Ruling;
}

/** The whole journal, oldest first, with what became of each command. */
export async function readJournal(): Promise<readonly Kept[]> {
  const db = await database();
  const transaction = db.transaction(["journal", "answers", "seen"]);
  const [entries, answers, seen] = await Promise.all([
    transaction.objectStore("journal").getAll(),
    transaction.objectStore("answers").getAll(),
    transaction.objectStore("seen").getAllKeys(),
  ]);
  await transaction.done;
  const answered = new Map(answers.map((answer) => [answer.command_id, answer]));
  const putAway = new Set(seen);
  return entries.map((entry) => ({
    entry,
    answer: answered.get(entry.command_id) ?? null,
    seen: putAway.has(entry.command_id),
  }));
}

/** Where the chain of the journal breaks: the seq of the first entry that does not fit, null when whole. */
export function firstBreak(entries: readonly JournalEntry[]): number | null {
  let prev = "";
  let seq = 0;
  for (const entry of entries) {
    const { hash, ...unhashed } = entry;
    if (entry.seq !== seq + 1 || entry.prev !== prev || domainHash(HASH_DOMAIN, unhashed) !== hash)
      return entry.seq;
    ({ seq, hash: prev } = entry);
  }
  return null;
}

/** Run alone among all tabs, where the browser has Web Locks (a secure context); else just run. */
export function withLock<T>(name: string, run: () => Promise<T>): Promise<T> {
  const locks = (navigator as { readonly locks?: LockManager }).locks;
  if (locks === undefined) return run();
  return locks.request(name, run) as Promise<T>;
}

/** Tests only: forget the open connection. */
export async function closeJournal(): Promise<void> {
  const open = opening;
  opening = null;
  if (open) (await open).close();
}
