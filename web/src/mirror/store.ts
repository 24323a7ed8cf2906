/**
 * The device's copy of what the server said, and the drafts of its people. A copy may be thrown away at any
 * time; a draft may not. Commands do not live here: they have a database of their own (src/pending).
 */
import type { DBSchema, IDBPDatabase } from "idb";
import { openStorage } from "../storage.ts";

export const MIRROR_DATABASE = "countersign-mirror";
const VERSION = 1;

export interface Copy {
  readonly user: string;
  readonly key: string;
  readonly queryKey: readonly unknown[];
  readonly data: unknown;
  readonly at: number;
}

export interface Draft {
  readonly user: string;
  readonly work_item_id: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it was typed, by this device's clock. */
  readonly at: string;
  /** `saved_at` of the server's draft that this one continues, null when it continues none. */
  readonly continues: string | null;
}

interface MirrorSchema extends DBSchema {
  copies: { key: [string, string]; value: Copy };
  drafts: { key: [string, string]; value: Draft };
  facts: { key: string; value: unknown };
}

let opening: Promise<IDBPDatabase<MirrorSchema>> | null = null;

export function mirror(): Promise<IDBPDatabase<MirrorSchema>> {
  opening ??= opened().catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}

async function opened(): Promise<IDBPDatabase<MirrorSchema>> {
  return openStorage<MirrorSchema>(MIRROR_DATABASE, VERSION, {
    upgrade(db) {
      db.createObjectStore("copies", { keyPath: ["user", "key"] });
      db.createObjectStore("drafts", { keyPath: ["user", "work_item_id"] });
      db.createObjectStore("facts");
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close(); // a newer client wants to upgrade: let it
      opening = null;
    },
    terminated() {
      opening = null;
    },
  });
}
