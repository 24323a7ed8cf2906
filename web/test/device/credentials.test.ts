// @vitest-environment node
/** A person's key that their secret and this device together open; and why a device may not sign at all. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { obstacle } from "../../src/device/capability.ts";
import { secretProblem, signWith, wrappedKey } from "../../src/device/credentials.ts";
import { leaseHolds, renewalIsDue } from "../../src/device/enrolment.ts";
import { challengeOf, signedByPerson } from "../../src/device/envelope.ts";
import { verify } from "../../src/device/keys.ts";
import {
  closeOutbox,
  keepCredential,
  OUTBOX_DATABASE,
  readCredentials,
  type WrappedKey,
} from "../../src/device/store.ts";
import { enrolledDevice } from "./enrolled.ts";

const RECORD = "a".repeat(64);
const SAID = {
  meaning: "PERF",
  statement: "I performed this step as recorded here.",
  language: "en",
  signer: "ben",
  at: "2026-11-23T10:00:05.000Z",
} as const;

beforeEach(async () => {
  await closeOutbox();
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
});
afterEach(closeOutbox);

async function registered(secret = "8642-hall") {
  const device = await enrolledDevice();
  const made = await wrappedKey("c-1", "ben", "Ben", secret, device);
  await keepCredential(made.row);
  return { device, publicKey: made.publicKey };
}

async function kept(): Promise<WrappedKey> {
  return (await readCredentials("ben"))[0] as WrappedKey;
}

describe("a wrapped key", () => {
  test("signs with the secret, for exactly what was said", async () => {
    const { device, publicKey } = await registered();
    const signature = await signWith(await kept(), { device, record: RECORD, said: SAID }, "8642-hall");
    if (signature.auth.method !== "key") throw new Error("not a key");
    const { algorithm } = await kept();
    const signed = signedByPerson(challengeOf(RECORD, device.device, SAID));
    expect(await verify(algorithm, publicKey, signed, signature.auth.signature)).toBe(true);
    const other = signedByPerson(challengeOf(RECORD, device.device, { ...SAID, meaning: "REL" }));
    expect(await verify(algorithm, publicKey, other, signature.auth.signature)).toBe(false);
  });

  test("is not opened by another secret, and is locked after the tries that the server allows", async () => {
    const { device } = await registered();
    const sign = async (secret: string) =>
      signWith(await kept(), { device, record: RECORD, said: SAID }, secret);
    await expect(sign("wrong-1")).rejects.toMatchObject({ reason: "wrong_secret", left: 2 });
    await expect(sign("wrong-2")).rejects.toMatchObject({ reason: "wrong_secret", left: 1 });
    await expect(sign("wrong-3")).rejects.toMatchObject({ reason: "locked" });
    await expect(sign("8642-hall")).rejects.toMatchObject({ reason: "locked" });
    await keepCredential({ ...(await kept()), locked_until: "2026-01-01T00:00:00.000Z" });
    await expect(sign("8642-hall")).resolves.toMatchObject({ signer: "ben" });
  });

  test("the right secret forgets the wrong ones before it", async () => {
    const { device } = await registered();
    const sign = async (secret: string) =>
      signWith(await kept(), { device, record: RECORD, said: SAID }, secret);
    await expect(sign("wrong-1")).rejects.toMatchObject({ left: 2 });
    await sign("8642-hall");
    await expect(sign("wrong-1")).rejects.toMatchObject({ left: 2 });
  });

  test("is of no use on another device", async () => {
    const { device } = await registered();
    const box = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    const elsewhere = { ...device, box };
    await expect(
      signWith(await kept(), { device: elsewhere, record: RECORD, said: SAID }, "8642-hall"),
    ).rejects.toMatchObject({ reason: "wrong_secret" });
  });

  test("opens with the same characters from any keyboard", async () => {
    const { device } = await registered("ＰＩＮ８６４２");
    await expect(
      signWith(await kept(), { device, record: RECORD, said: SAID }, "PIN8642"),
    ).resolves.toMatchObject({ signer: "ben" });
  });
});

test.each([
  ["12345", "short"],
  ["123456", "simple"],
  ["987654", "simple"],
  ["111111", "simple"],
  ["121212", "simple"],
  ["864209", null],
  ["仓库手持机二", null],
])("the secret %s: %s", (secret, problem) => {
  expect(secretProblem(secret, { secret_length: 6, tries: 5, lock_minutes: 15, iterations: 1 })).toBe(
    problem,
  );
});

test("a lease is renewed when a third of it is over, and ends when it ends", () => {
  const lease = { id: "l", since: "2026-11-23T00:00:00.000Z", until: "2026-11-26T00:00:00.000Z" };
  const at = (text: string): number => Date.parse(text);
  expect(renewalIsDue(lease, at("2026-11-23T23:00:00.000Z"))).toBe(false);
  expect(renewalIsDue(lease, at("2026-11-24T01:00:00.000Z"))).toBe(true);
  expect(renewalIsDue(undefined)).toBe(true);
  expect(leaseHolds(lease, at("2026-11-25T23:59:59.000Z"))).toBe(true);
  expect(leaseHolds(lease, at("2026-11-26T00:00:00.000Z"))).toBe(false);
  expect(leaseHolds(undefined)).toBe(false);
});

describe("offline signing is refused with its reason", () => {
  const fine = {
    secure: true,
    subtle: true,
    indexedDb: true,
    userAgent: "Mozilla/5.0 (Linux; Android 13) Chrome/120",
    touchPoints: 5,
    standalone: false,
  };
  const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15";
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";
  test.each([
    ["an Android phone", fine, null],
    ["plain HTTP", { ...fine, secure: false, subtle: false }, "no_secure_context"],
    ["no WebCrypto", { ...fine, subtle: false }, "no_web_crypto"],
    ["no storage", { ...fine, indexedDb: false }, "no_storage"],
    ["an iPhone's Safari tab", { ...fine, userAgent: iphone }, "ios_tab"],
    ["an iPad's Safari tab, which says it is a Mac", { ...fine, userAgent: mac }, "ios_tab"],
    ["an iPhone's home screen", { ...fine, userAgent: iphone, standalone: true }, null],
    ["a Mac", { ...fine, userAgent: mac, touchPoints: 0 }, null],
  ])("%s", (_name, here, reason) => {
    expect(obstacle(here)).toBe(reason);
  });
});
