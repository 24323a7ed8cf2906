/**
 * Brings the outbox to the server: in order, a batch at a time, by one page of all that are open. The device proves
 * itself by its mark, so it does not matter who is signed in. An entry stops waiting when a receipt is there that the
 * server signed, for this very envelope; whatever else is answered (a captive portal's page, an overloaded server, an
 * answer that breaks off) changes nothing.
 */
import { version as APP_VERSION } from "../../package.json";
import { Refused, request, Unreachable } from "../api/client.ts";
import { WireMismatch } from "../api/shapes.ts";
import { withLock } from "../pending/journal.ts";
import type { Credentials, Trouble } from "../pending/sending.ts";
import { type Mark, markBody, receiptBody } from "./envelope.ts";
import { sign, verify } from "./keys.ts";
import { type Boxed, keepReceipts, readOutbox } from "./outbox.ts";
import {
  changeDevice,
  type DeviceRow,
  type DeviceState,
  type Head,
  type KeptReceipt,
  type OutboxEntry,
  readDevice,
} from "./store.ts";
import { receiptFields, type SignedBody, synced, type Synced } from "./wire.ts";

const SYNC_LOCK = "countersign-outbox-send";
const MOST_ITEMS = 100;
const MOST_BYTES = 4_000_000;
const MOST_ASKED = 500;
const MOST_TURNS = 200;
const MARK_AFTER_MS = 5 * 60_000;
const TIME_LIMIT_MS = 60_000;

/** What one round came to: the receipts that were new, and what still waits. */
export interface DeviceRound {
  readonly receipts: readonly KeptReceipt[];
  readonly left: number;
  readonly trouble: Trouble | null;
}

/** Somebody stands before the screen and waits for this command; the password is gone when the round ends. */
export interface Attended {
  readonly id: string;
  readonly proof: Credentials | null;
}

/** What the server said of an entry that it could not even take in; said again in every round. */
const notTaken = new Map<string, string>();

/** Why the server did not take an entry in, as far as this page knows. */
export function notTakenIn(id: string): string | null {
  return notTaken.get(id) ?? null;
}

/** Whether an entry is worth sending: until a receipt is there. */
export function waits({ receipt }: Boxed): boolean {
  return receipt === null;
}

/** Send what waits, and hear what became of what was parked or held. Alone among all pages. */
export function syncRound(attended: Attended | null = null): Promise<DeviceRound> {
  return withLock(SYNC_LOCK, () => allTurns(attended));
}

async function allTurns(attended: Attended | null): Promise<DeviceRound> {
  const heard: KeptReceipt[] = [];
  let from: number | null = null;
  let needed: number | null = null;
  let most = MOST_ITEMS;
  let sent = new Set<string>();
  let first = true;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const [device, { boxed, head }] = await Promise.all([readDevice(), readOutbox()]);
    if (device === null || head === null) return { receipts: heard, left: 0, trouble: null };
    const left = boxed.filter(waits).length;
    const batch = chosen(boxed, { device, from, most, sent, attended });
    if (batch.length === 0 && (!first || !worthAMark(device, boxed, left)))
      return { receipts: heard, left, trouble: null };
    const found = await asked(device, head, boxed, batch, attended);
    if (found === "too_large") {
      if (batch.length <= 1) return { receipts: heard, left, trouble: "server" };
      most = Math.floor(batch.length / 2);
      continue;
    }
    if (typeof found === "string") return { receipts: heard, left, trouble: found };
    first = false;
    heard.push(...(await taken(found, device, boxed, batch)));
    for (const entry of batch) sent.add(entry.id);
    const state = stateAfter(found, head, device);
    if (state !== "enrolled") return { receipts: heard, left, trouble: null };
    const need = found.answers.find(({ intake, need: asks }) => intake === "gap" && asks !== null)?.need;
    if (need == null) {
      from = null;
      continue;
    }
    // The same gap again: what we have does not fill it, and asking in a circle helps nobody.
    if (need === needed) return { receipts: heard, left, trouble: "server" };
    needed = need;
    from = need;
    sent = new Set();
  }
  return { receipts: heard, left: 1, trouble: "server" };
}

interface Choice {
  readonly device: DeviceRow;
  /** Send again from here on, answered or not: the server asked for it. */
  readonly from: number | null;
  readonly most: number;
  readonly sent: ReadonlySet<string>;
  readonly attended: Attended | null;
}

/** The next batch, in the order of the chain. */
function chosen(boxed: readonly Boxed[], choice: Choice): readonly OutboxEntry[] {
  const { from, device, sent, attended } = choice;
  const batch: OutboxEntry[] = [];
  let bytes = 0;
  for (const { entry, receipt } of boxed) {
    const again = from !== null && entry.epoch === device.epoch && entry.seq >= from;
    const proven = attended?.proof != null && attended.id === entry.id && receipt?.final !== true;
    if (sent.has(entry.id) || !(receipt === null || again || proven)) continue;
    bytes += entry.envelope.length * 3;
    if (batch.length > 0 && (batch.length >= choice.most || bytes > MOST_BYTES)) break;
    batch.push(entry);
  }
  return batch;
}

/** Even with nothing to send the server hears now and then how long our chain is, and we what became of the parked. */
function worthAMark(device: DeviceRow, boxed: readonly Boxed[], left: number): boolean {
  if (left > 0 || boxed.some(({ receipt }) => receipt !== null && !receipt.final)) return true;
  return device.heard_at === null || Date.now() - Date.parse(device.heard_at) > MARK_AFTER_MS;
}

async function asked(
  device: DeviceRow,
  head: Head,
  boxed: readonly Boxed[],
  batch: readonly OutboxEntry[],
  attended: Attended | null,
): Promise<Synced | Trouble | "too_large"> {
  const { body, signed } = markBody(await markOf(device, head, boxed));
  const open = boxed.filter(({ receipt }) => receipt !== null && !receipt.final);
  try {
    return await request("/api/sync", synced, {
      method: "POST",
      aboutSession: true,
      timeLimit: TIME_LIMIT_MS,
      body: {
        mark: { body, signature: await sign(device.algorithm, device.key, signed) },
        items: batch.map((entry) => ({
          envelope: entry.envelope,
          signature: entry.signature,
          attended: attended?.id === entry.id,
          proof: attended?.id === entry.id ? attended.proof : null,
        })),
        ask: open.slice(0, MOST_ASKED).map(({ entry }) => entry.id),
      },
    });
  } catch (error) {
    if (error instanceof Unreachable) return "unreachable";
    if (error instanceof Refused) return error.status === 413 ? "too_large" : "server";
    if (error instanceof WireMismatch) return "server";
    throw error;
  }
}

async function markOf(device: DeviceRow, head: Head, boxed: readonly Boxed[]): Promise<Mark> {
  const waiting = boxed.filter(waits);
  const { persisted, free } = await storageNow();
  return {
    v: "1",
    device: device.device,
    epoch: String(device.epoch),
    head_seq: String(head.seq),
    head_hash: head.hash,
    waiting: String(waiting.length),
    oldest: waiting[0]?.entry.made_at ?? null,
    persisted: persisted === null ? "unknown" : persisted ? "yes" : "no",
    app: APP_VERSION,
    free: free === null ? null : String(free),
    at: new Date().toISOString(),
  };
}

/** Whether the browser promised to keep our data, and how many bytes are free; null where it does not say. */
export async function storageNow(): Promise<{
  readonly persisted: boolean | null;
  readonly free: number | null;
}> {
  const storage = (navigator as { readonly storage?: Partial<StorageManager> }).storage;
  try {
    const [persisted, estimate] = await Promise.all([storage?.persisted?.(), storage?.estimate?.()]);
    const { quota, usage } = estimate ?? {};
    return {
      persisted: persisted ?? null,
      free: quota === undefined || usage === undefined ? null : Math.max(0, quota - usage),
    };
  } catch {
    return { persisted: null, free: null };
  }
}

/** Keep what the server said: the receipts that hold, the time token, how it takes this device. */
async function taken(
  found: Synced,
  device: DeviceRow,
  boxed: readonly Boxed[],
  batch: readonly OutboxEntry[],
): Promise<readonly KeptReceipt[]> {
  const entries = new Map(boxed.map(({ entry }) => [entry.id, entry]));
  const signed = [...found.answers.flatMap(({ receipt }) => receipt ?? []), ...found.receipts];
  const verified = await Promise.all(signed.map((receipt) => verifiedReceipt(receipt, device, entries)));
  for (const [place, { id, intake, receipt }] of found.answers.entries()) {
    // What the server could not read at all has no id for it; the answers stand in the order of the items.
    const about = id ?? batch[place]?.id;
    if (about === undefined) continue;
    if (receipt === null && !["stored", "duplicate", "gap"].includes(intake)) notTaken.set(about, intake);
    else notTaken.delete(about);
  }
  const kept = await keepReceipts(verified.filter((receipt) => receipt !== null));
  const heard_at = new Date().toISOString();
  await changeDevice((row) => ({ ...row, token: found.token ?? row.token, heard_at }));
  return kept;
}

/** The receipt when it is the server's, for an envelope of ours, as it was sealed; null otherwise. */
export async function verifiedReceipt(
  { body, key, signature }: SignedBody,
  device: Pick<DeviceRow, "device" | "server_keys">,
  entries: ReadonlyMap<string, Pick<OutboxEntry, "hash" | "epoch" | "seq">>,
): Promise<KeptReceipt | null> {
  const by = device.server_keys.find(({ id }) => id === key);
  if (by === undefined) return null;
  if (!(await verify(by.algorithm, by.public_key, receiptBody(body).signed, signature))) return null;
  let said;
  try {
    said = receiptFields(JSON.parse(body), "");
  } catch {
    return null;
  }
  const entry = entries.get(said.id);
  if (entry === undefined || said.device !== device.device || said.envelope !== entry.hash) return null;
  if (said.epoch !== entry.epoch || said.seq !== entry.seq) return null;
  const { id, outcome, reason, message, result, conflict, at } = said;
  return {
    id,
    body,
    key,
    signature,
    outcome,
    reason,
    message,
    result,
    conflict,
    at,
    final: said.final === "yes",
  };
}

/** How the server takes this device from now on; what it has lost of ours we cannot send again makes a fork too. */
function stateAfter(found: Synced, head: Head, device: DeviceRow): DeviceState {
  const forked = found.answers.some(
    ({ intake, need }) => intake === "fork" || (intake === "gap" && need !== null && need > head.seq + 1),
  );
  // A fork stays one until a new epoch has begun, whatever is answered to the rest.
  const state =
    forked || (device.state === "forked" && found.device === "enrolled") ? "forked" : found.device;
  if (state !== device.state) void changeDevice((row) => ({ ...row, state }));
  return state;
}
