/** The hash by which a signature is bound to its record: the same bytes here, on the server, and in the proof. */
import { domainHash } from "../pending/canonical.ts";

const RECORD_DOMAIN = "countersign-record-v1";

/** Hex SHA-256 over the canonical record, in its own domain. */
export function recordHash(record: Readonly<Record<string, unknown>>): string {
  return domainHash(RECORD_DOMAIN, record);
}

/** The beginning of a hash as people compare it: four groups of four. */
export function hashPrefix(hash: string): string {
  return (hash.slice(0, 16).match(/.{4}/g) ?? [hash]).join(" ");
}
