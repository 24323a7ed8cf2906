/**
 * What this device took along, per person: the signed list of a cut and the parts that it names. A database of its own:
 * it may be thrown away at any time and fetched again, the outbox may not.
 */
import type { DBSchema, IDBPDatabase } from "idb";

import type { CutHead } from "./wire.ts";
import { openStorage } from "../storage.ts";

export const PACK_DATABASE = "countersign-pack";

/** A cut whose signature was verified. */
export interface Cut extends CutHead {
  /** When it came, by this device's clock. */
  readonly taken_at: number;
  /** The server's text and signature, as they came. */
  readonly signed: { readonly body: string; readonly key: string; readonly signature: string };
}

export interface Part {
  readonly person: string;
  readonly name: string;
  readonly hash: string;
  /** JSON, as it was hashed. */
  readonly text: string;
}

interface PackSchema extends DBSchema {
  cuts: { key: string; value: Cut };
  parts: { key: [string, string]; value: Part };
}

let opening: Promise<IDBPDatabase<PackSchema>> | null = null;

function database(): Promise<IDBPDatabase<PackSchema>> {
  opening ??= openStorage<PackSchema>(PACK_DATABASE, 1, {
    upgrade(db) {
      db.createObjectStore("cuts", { keyPath: "person" });
      db.createObjectStore("parts", { keyPath: ["person", "name"] });
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      opening = null;
    },
    terminated() {
      opening = null;
    },
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

export async function readCut(person: string): Promise<Cut | null> {
  return (await (await database()).get("cuts", person)) ?? null;
}

export async function readPart(person: string, name: string): Promise<Part | null> {
  return (await (await database()).get("parts", [person, name])) ?? null;
}

/** All parts whose names begin so. */
export async function readParts(person: string, begins: string): Promise<readonly Part[]> {
  const range = IDBKeyRange.bound([person, begins], [person, `${begins}\uffff`]);
  return (await database()).getAll("parts", range);
}

/** A cut with all its parts, or nothing of it: one transaction. */
export async function swapIn(cut: Cut, fresh: readonly Part[]): Promise<void> {
  const db = await database();
  const transaction = db.transaction(["cuts", "parts"], "readwrite");
  const parts = transaction.objectStore("parts");
  const range = IDBKeyRange.bound([cut.person, ""], [cut.person, "\uffff"]);
  for (const key of await parts.getAllKeys(range)) {
    if (!(key[1] in cut.parts)) void parts.delete(key);
  }
  await Promise.all([
    ...fresh.map((part) => parts.put(part)),
    transaction.objectStore("cuts").put(cut),
    transaction.done,
  ]);
}

/** Forget what a person took along, when they sign out. */
export async function forgetPack(person: string): Promise<void> {
  const transaction = (await database()).transaction(["cuts", "parts"], "readwrite");
  await Promise.all([
    transaction.objectStore("cuts").delete(person),
    transaction.objectStore("parts").delete(IDBKeyRange.bound([person, ""], [person, "\uffff"])),
    transaction.done,
  ]);
}

/** Tests only: forget the open connection. */
export async function closePack(): Promise<void> {
  const open = opening;
  opening = null;
  if (open) (await open.catch(() => null))?.close();
}
