// @vitest-environment node
/** The offline protocol: the same bytes, hashes and signatures as the server's (tests/vectors/offline). */
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { digest, fromHex, jcs, toHex } from "../../src/device/bytes.ts";
import {
  challengeOf,
  deviceRecordHash,
  type DeviceRecord,
  leaseBody,
  type Mark,
  markBody,
  type PersonSignature,
  receiptBody,
  sealed,
  signedByPerson,
} from "../../src/device/envelope.ts";
import { type Algorithm, verify } from "../../src/device/keys.ts";
import { verifiedReceipt } from "../../src/device/sync.ts";

interface Key {
  readonly algorithm: Algorithm;
  readonly public_key: string;
}

function vectors(name: string): never {
  const path = new URL(`../../../tests/vectors/offline/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as never;
}

interface Entry {
  readonly parts: {
    readonly chain: never;
    readonly record: DeviceRecord;
    readonly sigs: readonly PersonSignature[];
  };
  readonly record_hash: string;
  readonly envelope: string;
  readonly hash: string;
  readonly signature: string;
}
const ENVELOPES: {
  readonly genesis: string;
  readonly chains: readonly { readonly key: Key; readonly entries: readonly Entry[] }[];
} = vectors("envelopes");

describe.each(ENVELOPES.chains.map((chain) => [chain.key.algorithm, chain] as const))(
  "a chain of an %s key",
  (_name, { key, entries }) => {
    test.each(entries.map((entry, index) => [index + 1, entry] as const))("entry %i", async (_n, entry) => {
      const { chain, record, sigs } = entry.parts;
      const made = sealed(record, sigs, chain);
      expect(made.envelope).toBe(entry.envelope);
      expect(made.hash).toBe(entry.hash);
      expect(deviceRecordHash(record)).toBe(entry.record_hash);
      expect(await verify(key.algorithm, key.public_key, made.signed, entry.signature)).toBe(true);
      const other = sealed({ ...record, why: "another" }, sigs, chain);
      expect(await verify(key.algorithm, key.public_key, other.signed, entry.signature)).toBe(false);
    });
  },
);

interface Signing {
  readonly name: string;
  readonly valid: boolean;
  readonly canonical: string;
  readonly challenge: string;
  readonly credential: Key;
  readonly signature: PersonSignature;
}
const PEOPLE: {
  readonly device: string;
  readonly record: DeviceRecord;
  readonly record_hash: string;
  readonly keys: readonly Signing[];
  readonly passkeys: readonly Signing[];
} = vectors("people");

describe("what a person signs", () => {
  test("is for the record", () => {
    expect(deviceRecordHash(PEOPLE.record)).toBe(PEOPLE.record_hash);
  });

  test.each(PEOPLE.keys.map((each) => [each.name, each] as const))("with a key: %s", async (_name, each) => {
    const { auth, ...said } = each.signature;
    if (auth.method !== "key") throw new Error("not a key");
    const challenge = challengeOf(PEOPLE.record_hash, PEOPLE.device, said);
    if (each.valid) expect(toHex(challenge)).toBe(each.challenge);
    const { algorithm, public_key } = each.credential;
    expect(await verify(algorithm, public_key, signedByPerson(challenge), auth.signature)).toBe(each.valid);
  });

  test.each(PEOPLE.passkeys.map((each) => [each.name, each] as const))(
    "with a passkey: %s",
    (_name, each) => {
      const challenge = challengeOf(PEOPLE.record_hash, PEOPLE.device, each.signature);
      expect(toHex(challenge)).toBe(each.challenge);
      expect(toHex(digest("countersign-sign-v1", each.canonical))).toBe(each.challenge);
    },
  );
});

interface SignedText {
  readonly parts: Readonly<Record<string, string>>;
  readonly body: string;
  readonly key: Key;
  readonly signature: string;
}
const SERVER: {
  readonly marks: readonly SignedText[];
  readonly leases: readonly SignedText[];
  readonly receipts: readonly SignedText[];
} = vectors("server");

describe("beside the envelopes", () => {
  test.each(SERVER.marks.map((mark) => [mark.key.algorithm, mark] as const))(
    "a mark, %s",
    async (_n, each) => {
      const made = markBody(each.parts as unknown as Mark);
      expect(made.body).toBe(each.body);
      expect(await verify(each.key.algorithm, each.key.public_key, made.signed, each.signature)).toBe(true);
    },
  );

  test.each(SERVER.leases.map((lease) => [lease.key.algorithm, lease] as const))(
    "a lease, %s",
    async (_n, each) => {
      const made = leaseBody(each.parts as never);
      expect(made.body).toBe(each.body);
      expect(await verify(each.key.algorithm, each.key.public_key, made.signed, each.signature)).toBe(true);
    },
  );

  test.each(
    SERVER.receipts.map(
      (receipt) => [`${receipt.key.algorithm} ${receipt.parts["outcome"] ?? ""}`, receipt] as const,
    ),
  )("a receipt, %s", async (_n, each) => {
    expect(jcs(each.parts)).toBe(each.body);
    const { algorithm, public_key } = each.key;
    expect(await verify(algorithm, public_key, receiptBody(each.body).signed, each.signature)).toBe(true);
    const { device, id, envelope, epoch, seq } = each.parts as Record<string, string>;
    const known = {
      device: device!,
      server_keys: [{ id: "k1", algorithm, public_key }],
    };
    const entries = new Map([[id!, { hash: envelope!, epoch: Number(epoch), seq: Number(seq) }]]);
    const text = { body: each.body, key: "k1", signature: each.signature };
    expect(await verifiedReceipt(text, known, entries)).toMatchObject({ id, outcome: each.parts["outcome"] });
    // Nothing else counts: another key, another text, another envelope, another device, another place.
    for (const [forged, by, among] of [
      [{ ...text, key: "k2" }, known, entries],
      [{ ...text, body: each.body.replace("yes", "no") + " " }, known, entries],
      [text, known, new Map([[id!, { hash: "0".repeat(64), epoch: 1, seq: Number(seq) }]])],
      [text, { ...known, device: "another" }, entries],
      [text, known, new Map([[id!, { hash: envelope!, epoch: 2, seq: Number(seq) }]])],
      [text, known, new Map()],
    ] as const)
      expect(await verifiedReceipt(forged, by, among)).toBeNull();
  });
});

test("bytes are read as they are written", () => {
  expect(toHex(fromHex("00ff10"))).toBe("00ff10");
});
