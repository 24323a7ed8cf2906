/** A pack as the server signs it, for the tests of src/pack. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

import { digest, inDomain } from "../../src/device/bytes.ts";
import { sign, type SigningKey } from "../../src/device/keys.ts";

const CUT = "countersign-pack-cut-v1";
const HOUR = 3600_000;

export type Parts = Readonly<Record<string, unknown>>;

export const hashOf = (part: unknown): string => bytesToHex(sha256(utf8ToBytes(JSON.stringify(part))));

/** What a server answers that holds these parts, to a device that has `have`; `more` changes the head. */
export async function answerOf(
  server: SigningKey,
  parts: Parts,
  have: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ cut: string; key: string; signature: string; parts: Record<string, string> }> {
  const listed = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, hashOf(part)]));
  const cut = JSON.stringify({
    v: "1",
    tenant: "main",
    device: "0193f7a2-0d00-7000-8000-00000000000d",
    person: "ben",
    made_at: new Date().toISOString(),
    valid_until: new Date(Date.now() + 24 * HOUR).toISOString(),
    acks_through: { epoch: 1, seq: 0 },
    more: false,
    cursor: hashOf(listed),
    parts: listed,
    ...more,
  });
  const fresh = Object.entries(parts).filter(([name, part]) => have[name] !== hashOf(part));
  return {
    cut,
    key: "k1",
    signature: await sign(server.algorithm, server.key, inDomain(CUT, digest(CUT, cut))),
    parts: Object.fromEntries(fresh.map(([name, part]) => [name, JSON.stringify(part)])),
  };
}

export const REVOKED = { devices: [], credentials: [], people: [] };
