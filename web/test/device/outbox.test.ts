// @vitest-environment node
/** The outbox: appended by several pages at once without a loss, chained, sealed, never changed, read back. */
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { sealed } from "../../src/device/envelope.ts";
import { verify } from "../../src/device/keys.ts";
import { appendEntry, exported, keepReceipts, markEntrySeen, readOutbox } from "../../src/device/outbox.ts";
import { closeOutbox, OUTBOX_DATABASE, readDevice, withOutbox } from "../../src/device/store.ts";
import { enrolledDevice, fresh, GENESIS } from "./enrolled.ts";

beforeEach(async () => {
  await closeOutbox();
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
});
afterEach(closeOutbox);

describe("appending", () => {
  test("chains each envelope to the one before, from the genesis on, signed by the device", async () => {
    const device = await enrolledDevice();
    for (const n of [1, 2, 3]) await appendEntry(fresh({ n: String(n) }));
    const { boxed, head } = await readOutbox();
    let prev = GENESIS;
    for (const { entry } of boxed) {
      const parts = JSON.parse(entry.envelope) as never;
      const { chain, record, sigs } = parts as Record<string, never>;
      const made = sealed(record!, sigs!, chain!);
      expect(chain).toEqual({ device: device.device, epoch: "1", seq: String(entry.seq), prev });
      expect([made.envelope, made.hash]).toEqual([entry.envelope, entry.hash]);
      expect(await verify(device.algorithm, device.public_key, made.signed, entry.signature)).toBe(true);
      prev = entry.hash;
    }
    expect(head).toEqual({ epoch: 1, seq: 3, hash: prev });
  });

  test("of three pages at once loses nothing, even without Web Locks", async () => {
    await enrolledDevice();
    vi.stubGlobal("navigator", {});
    const pages = await Promise.all(
      [1, 2, 3].map(async () => {
        vi.resetModules();
        const outbox = await import("../../src/device/outbox.ts");
        const store = await import("../../src/device/store.ts");
        return { ...outbox, ...store };
      }),
    );
    await Promise.all(
      pages.flatMap((page, n) =>
        Array.from({ length: 10 }, (_, index) => page.appendEntry(fresh({ n: `${n}/${index}` }))),
      ),
    );
    const { boxed } = await readOutbox();
    expect(boxed.map(({ entry }) => entry.seq)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(brokenAt(boxed.map(({ entry }) => entry))).toBeNull();
    for (const page of pages) await page.closeOutbox();
  });

  test("twice under one id is once: what a lost connection had written is found again", async () => {
    await enrolledDevice();
    const one = fresh();
    const first = await appendEntry(one);
    expect(await appendEntry(one)).toEqual(first);
    expect((await readOutbox()).boxed).toHaveLength(1);
  });

  test("on a lost connection opens another one", async () => {
    await enrolledDevice();
    await appendEntry(fresh());
    await withOutbox((db) => {
      db.close(); // as iOS does to pages in the background, without a word
      return Promise.resolve();
    });
    await expect(appendEntry(fresh())).resolves.toMatchObject({ seq: 2 });
  });

  test("is refused with a word where the browser keeps nothing", async () => {
    await enrolledDevice();
    await closeOutbox();
    const broken = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    await expect(appendEntry(fresh())).rejects.toMatchObject({ name: "NotStored" });
    broken.mockRestore();
    await expect(appendEntry(fresh())).resolves.toMatchObject({ seq: 1 });
  });

  test("is not called saved when it is not found again on another connection", async () => {
    await enrolledDevice();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own store below
    const get = IDBObjectStore.prototype.get;
    vi.spyOn(IDBObjectStore.prototype, "get").mockImplementation(function (this: IDBObjectStore, key) {
      return get.call(this, this.name === "entries" ? [99, 99] : key);
    });
    await expect(appendEntry(fresh())).rejects.toMatchObject({ name: "NotStored" });
  });

  test("on a device that is not enrolled is refused", async () => {
    await expect(appendEntry(fresh())).rejects.toMatchObject({ name: "NotStored" });
  });
});

describe("answers", () => {
  const receipt = {
    id: "",
    body: "b1",
    key: "k",
    signature: "s",
    outcome: "held",
    final: false,
    reason: null,
    message: null,
    result: {},
    conflict: null,
    at: "1",
  } as const;

  test("are kept all, once each; the last word counts, and no later one beats a final one", async () => {
    await enrolledDevice();
    const { id } = await appendEntry(fresh());
    const held = { ...receipt, id };
    const done = { ...held, body: "b2", outcome: "accepted", final: true } as const;
    expect(await keepReceipts([held])).toHaveLength(1);
    expect((await readOutbox()).boxed[0]!.receipt).toEqual(held);
    expect(await keepReceipts([held, done])).toEqual([done]);
    expect(await keepReceipts([{ ...held, body: "b3" }])).toHaveLength(1);
    expect((await readOutbox()).boxed[0]!.receipt).toEqual(done);
  });

  test("put away they are still there", async () => {
    await enrolledDevice();
    const { id } = await appendEntry(fresh());
    await markEntrySeen(id, "now");
    expect((await readOutbox()).boxed[0]).toMatchObject({ seen: true });
  });
});

test("the schema is frozen: version 1, these stores, these keys", async () => {
  await enrolledDevice();
  await closeOutbox();
  const db = await openDB(OUTBOX_DATABASE);
  expect(db.version).toBe(1);
  expect([...db.objectStoreNames]).toEqual(["answers", "credentials", "device", "entries", "head", "seen"]);
  const { store } = db.transaction("entries");
  expect(store.keyPath).toEqual(["epoch", "seq"]);
  expect([...store.indexNames]).toEqual(["id"]);
  db.close();
});

test("the device's key comes back from the store, signs, and cannot be read out", async () => {
  await enrolledDevice();
  await closeOutbox();
  const { key } = (await readDevice())!;
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
});

test("the export holds each envelope as it was sealed, and no key", async () => {
  await enrolledDevice();
  const entry = await appendEntry(fresh());
  const lines = (await exported())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({ format: "countersign-outbox-1", head: { seq: 1 } });
  expect(lines[1]).toMatchObject({ envelope: entry.envelope, signature: entry.signature, receipt: null });
});

/** The first entry that does not follow from the one before; null when the chain is whole. */
function brokenAt(entries: readonly { readonly envelope: string; readonly hash: string }[]): number | null {
  let prev = GENESIS;
  for (const [index, { envelope, hash }] of entries.entries()) {
    const { chain } = JSON.parse(envelope) as { chain: { prev: string; seq: string } };
    if (chain.prev !== prev || chain.seq !== String(index + 1)) return index + 1;
    prev = hash;
  }
  return null;
}
