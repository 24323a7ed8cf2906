/** Canonical bytes (RFC 8785) and hashes with a domain each, the same on the device and on the server. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

/** Hex SHA-256 of `domain`, a zero byte and the canonical form of `value`. Needs no secure context. */
export function domainHash(domain: string, value: unknown): string {
  const canonical = canonicalize(value);
  if (canonical === undefined) throw new TypeError("Only JSON can be hashed.");
  return bytesToHex(sha256(utf8ToBytes(`${domain}\0${canonical}`)));
}
