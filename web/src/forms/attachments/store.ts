/**
 * Attachments on this device: bytes by content hash, kept until the server has them and the draft is done.
 *
 * ArrayBuffers, not Blobs: Safari loses blobs that were stored in IndexedDB. A database of its own, so that
 * the versions of the drafts' and pending commands' stores never meet it.
 */
import type { DBSchema, IDBPDatabase } from "idb";

import { openStorage } from "../../storage.ts";
import type { PreparedFile } from "./prepare.ts";

export interface StoredFile extends PreparedFile {
  /** Whether the server has confirmed these bytes. */
  readonly uploaded: boolean;
}

interface Schema extends DBSchema {
  files: { key: string; value: StoredFile };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openStorage<Schema>("countersign-attachments", 1, {
    upgrade(db) {
      db.createObjectStore("files", { keyPath: "sha256" });
    },
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

export async function keepFile(file: PreparedFile): Promise<void> {
  const db = await database();
  const known = await db.get("files", file.sha256);
  if (known === undefined) await db.put("files", { ...file, uploaded: false });
}

export async function findFile(hash: string): Promise<StoredFile | undefined> {
  return (await database()).get("files", hash);
}

export async function markUploaded(hash: string): Promise<void> {
  const db = await database();
  const file = await db.get("files", hash);
  if (file !== undefined) await db.put("files", { ...file, uploaded: true });
}

export async function forgetFile(hash: string): Promise<void> {
  await (await database()).delete("files", hash);
}

/** Everything the server does not have yet, oldest names first. */
export async function filesToUpload(): Promise<StoredFile[]> {
  const files = await (await database()).getAll("files");
  return files.filter((file) => !file.uploaded);
}
