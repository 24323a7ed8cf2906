/**
 * Keeps the server's answers on the device, so that worklist, work items and forms open without a network.
 * Kept per person; signing out removes them.
 */
import type { QueryClient } from "@tanstack/react-query";

import { mirror } from "./store.ts";

/** First words of the query keys that are kept. Verification and searches are asked anew each time. */
const KEPT = new Set([
  "worklist",
  "work-item",
  "form",
  "processes",
  "instances",
  "instance",
  "history",
  "units",
]);
const OLDEST_MS = 14 * 24 * 3600 * 1000;
/** A copy is never as fresh as an answer, however short the time since: what was done in between may be missing. */
const ANSWER_MS = 1_000;

/** Put what was kept for this person into the query cache, with its true age; with `first` only what begins with
 * these words. */
export async function restoreCopies(
  client: QueryClient,
  user: string,
  first?: readonly string[],
): Promise<void> {
  const ranges = first?.map((word) => [`["${word}"`, `["${word}"\uffff`] as const) ?? [
    ["", "\uffff"] as const,
  ];
  await Promise.all(ranges.map(([from, to]) => restore(client, user, from, to)));
}

async function restore(client: QueryClient, user: string, from: string, to: string): Promise<void> {
  const db = await mirror();
  const oldest = Date.now() - OLDEST_MS;
  const fresh = Date.now() - ANSWER_MS;
  for (const copy of await db.getAll("copies", IDBKeyRange.bound([user, from], [user, to]))) {
    if (copy.at < oldest) await db.delete("copies", [user, copy.key]);
    else if (client.getQueryData(copy.queryKey) === undefined)
      client.setQueryData(copy.queryKey, copy.data, { updatedAt: Math.min(copy.at, fresh) });
  }
}

/** Keep every answer that arrives from now on; returns how to stop. */
export function keepCopies(client: QueryClient, user: string): () => void {
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated" || event.action.type !== "success" || event.action.manual === true) return;
    const queryKey = event.query.queryKey as readonly unknown[];
    if (!KEPT.has(String(queryKey[0]))) return;
    const copy = {
      user,
      key: event.query.queryHash,
      queryKey,
      data: event.query.state.data as unknown,
      at: event.query.state.dataUpdatedAt,
    };
    // A copy that cannot be kept costs nothing but the next offline start.
    void mirror()
      .then((db) => db.put("copies", copy))
      .catch(() => undefined);
  });
}

/** Forget the copies of a person who signs out on this device; drafts and commands stay. */
export async function forgetCopies(user: string): Promise<void> {
  const db = await mirror();
  await db.delete("copies", IDBKeyRange.bound([user, ""], [user, "\uffff"]));
}

/** A small fact that outlives the page: who was signed in last, whether a sign-out is owed. Null forgets. */
export async function rememberFact(name: string, value: unknown): Promise<void> {
  try {
    const db = await mirror();
    if (value === null) await db.delete("facts", name);
    else await db.put("facts", value, name);
  } catch {
    // A browser that keeps nothing asks the server at every start.
  }
}

export async function fact(name: string): Promise<unknown> {
  try {
    const db = await mirror();
    return await db.get("facts", name);
  } catch {
    return undefined;
  }
}
