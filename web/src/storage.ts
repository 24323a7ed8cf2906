/** Opening what the browser keeps: a store that does not answer counts as one that refuses. */
import { type DBSchema, type IDBPDatabase, openDB, type OpenDBCallbacks } from "idb";

/** How long storage may take: a browser whose page before was cut short has been seen never to answer. */
const OPEN_WITHIN_MS = 2_000;

/** A database by name, as `idb` opens it. Rejects when it is refused, or has not answered in time. */
export async function openStorage<Schema extends DBSchema>(
  name: string,
  version: number,
  callbacks: OpenDBCallbacks<Schema>,
): Promise<IDBPDatabase<Schema>> {
  const opening = openDB<Schema>(name, version, callbacks);
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error("The storage of this browser does not answer."));
    }, OPEN_WITHIN_MS);
  });
  return Promise.race([opening, late]);
}
