/**
 * The forms in which a device sends what people do: the record of the act, what a person signs for it, the envelope
 * that chains it to the one before, the mark that the device makes of its own chain. tests/vectors/offline holds
 * device and server to the same bytes.
 */
import { type Bytes, digest, inDomain, jcs, toHex } from "./bytes.ts";

const RECORD = "countersign-device-record-v1";
const ENVELOPE = "countersign-envelope-v1";
const COMMAND = "countersign-command-v1";
const SIGN = "countersign-sign-v1";
const PERSON = "countersign-person-v1";
const MARK = "countersign-mark-v1";
const LEASE = "countersign-lease-v1";
const ENROL = "countersign-enrol-v1";
const RECEIPT = "countersign-receipt-v1";

export type RecordKind =
  "work_item.complete" | "process_instance.start" | "work_item.claim" | "work_item.release";

/** JSON whose only numbers are whole and exact for every reader, and stand in `data` and `base` alone. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** What a person did, as it is signed. */
export interface DeviceRecord {
  readonly [name: string]: Plain;
  readonly v: "1";
  readonly id: string;
  readonly kind: RecordKind;
  readonly tenant: string;
  readonly actor: string;
  readonly target: Readonly<Record<string, string | null>>;
  readonly definition: Readonly<Record<string, string | null>>;
  readonly data: Readonly<Record<string, Plain>>;
  readonly base: Readonly<Record<string, Plain>>;
  readonly attachments: readonly Readonly<Record<string, string>>[];
  readonly lease: string | null;
  readonly depends: readonly string[];
  readonly next: readonly string[] | null;
  readonly why: string | null;
  readonly station: string | null;
  readonly time: Readonly<Record<string, string | null>>;
}

export type Proof =
  | {
      readonly method: "passkey";
      readonly credential: string;
      readonly client_data: string;
      readonly authenticator_data: string;
      readonly signature: string;
    }
  | { readonly method: "key"; readonly credential: string; readonly signature: string }
  | { readonly method: "password" };

/** What a signer reads and says, in their language, at a time. */
export interface Said {
  readonly meaning: string;
  readonly statement: string;
  readonly language: "zh" | "en";
  readonly signer: string;
  readonly at: string;
}

export interface PersonSignature extends Said {
  readonly auth: Proof;
}

export interface Chain {
  readonly device: string;
  readonly epoch: string;
  readonly seq: string;
  readonly prev: string;
}

export interface Sealed {
  /** The canonical text, sent as it is. */
  readonly envelope: string;
  readonly hash: string;
  /** What the device signs. */
  readonly signed: Bytes;
}

/** The hash that a person's signature binds to the record. */
export function deviceRecordHash(record: DeviceRecord): string {
  return toHex(digest(RECORD, jcs(record)));
}

/** What a person signs for a record on this device: a passkey's challenge. */
export function challengeOf(record: string, device: string, said: Said): Bytes {
  const { meaning, statement, language, signer, at } = said;
  return digest(SIGN, jcs({ v: "1", record, meaning, statement, language, signer, at, device }));
}

/** What a person's wrapped key signs of a challenge. */
export function signedByPerson(challenge: Bytes): Bytes {
  return inDomain(PERSON, challenge);
}

/** Put a record, its signatures and its place in the chain into one text. */
export function sealed(record: DeviceRecord, sigs: readonly PersonSignature[], chain: Chain): Sealed {
  const envelope = jcs({ chain, record, sigs });
  const hash = digest(ENVELOPE, envelope);
  return { envelope, hash: toHex(hash), signed: inDomain(COMMAND, hash) };
}

export interface Mark {
  readonly v: "1";
  readonly device: string;
  readonly epoch: string;
  readonly head_seq: string;
  readonly head_hash: string;
  readonly waiting: string;
  readonly oldest: string | null;
  readonly persisted: "yes" | "no" | "unknown";
  readonly app: string;
  readonly free: string | null;
  readonly at: string;
}

/** A body that is signed as a whole: its text and what is signed of it. */
export interface Body {
  readonly body: string;
  readonly signed: Bytes;
}

export function markBody(mark: Mark): Body {
  return bodyIn(MARK, jcs(mark));
}

export function leaseBody(asked: {
  readonly command_id: string;
  readonly device: string;
  readonly username: string;
}): Body {
  return bodyIn(LEASE, jcs(asked));
}

/** What the key signs that a device had before, so that nobody else takes the device over. */
export function enrolBody(asked: {
  readonly command_id: string;
  readonly device: string;
  readonly public_key: string;
}): Body {
  return bodyIn(ENROL, jcs(asked));
}

/** A receipt comes as text and is verified as it came. */
export function receiptBody(body: string): Body {
  return bodyIn(RECEIPT, body);
}

function bodyIn(domain: string, body: string): Body {
  return { body, signed: inDomain(domain, digest(domain, body)) };
}

/** What a form holds, for the record: counts as they are, any other number as text; what has no value is null. */
export function plain(value: unknown): Plain {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, plain(member)]),
    );
  return null;
}
