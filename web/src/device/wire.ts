/** What the server answers a device, read carefully. */
import {
  array,
  integer,
  nullable,
  type Of,
  object,
  oneOf,
  record,
  type Shape,
  string,
  text,
  withDefault,
  WireMismatch,
} from "../api/shapes.ts";
import { meaning } from "../api/wire.ts";
import type { SecretPolicy } from "./store.ts";

/** A count: digits as text, or a small number. */
export const count: Shape<number> = (value, path) => {
  if (typeof value === "number") return integer(value, path);
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw new WireMismatch(path, "a count", value);
};

export const serverKey = object({
  id: string,
  algorithm: oneOf("Ed25519", "ES256"),
  public_key: string,
});

const LEAST_ITERATIONS = 600_000;
const POLICY: SecretPolicy = {
  secret_length: 6,
  tries: 5,
  lock_minutes: 15,
  iterations: LEAST_ITERATIONS,
};
const policyFields = object({
  secret_length: withDefault(count, POLICY.secret_length),
  tries: withDefault(count, POLICY.tries),
  lock_minutes: withDefault(count, POLICY.lock_minutes),
  iterations: withDefault(count, POLICY.iterations),
});
const policy: Shape<SecretPolicy> = (value, path) => {
  const asked = policyFields(value ?? {}, path);
  return { ...asked, iterations: Math.max(asked.iterations, LEAST_ITERATIONS) };
};

const KINDS = ["work_item.complete", "process_instance.start"];
const leaseFields = object({ id: string, until: string });

/** What both enrolling and renewing a lease bring. */
const provisions = {
  lease: nullable(leaseFields),
  token: nullable(string),
  kinds: withDefault(array(string), KINDS),
  policy,
  meaning: nullable(meaning),
} as const;

export const enrolled = object({
  ...provisions,
  device: string,
  epoch: count,
  genesis: string,
  server_key: serverKey,
});

export const renewed = object({ ...provisions, server_key: nullable(serverKey) });

const signedBody = object({ body: string, key: string, signature: string });
export type SignedBody = Of<typeof signedBody>;

export const synced = object({
  server_time: nullable(string),
  device: withDefault(oneOf("enrolled", "revoked", "unknown"), "enrolled"),
  answers: array(
    object({
      id: nullable(string),
      seq: nullable(count),
      intake: string,
      need: nullable(count),
      receipt: nullable(signedBody),
    }),
  ),
  receipts: withDefault(array(signedBody), []),
  token: nullable(string),
});
export type Synced = Of<typeof synced>;

export const receiptFields = object({
  id: string,
  device: string,
  epoch: count,
  seq: count,
  envelope: string,
  outcome: oneOf("accepted", "merged", "flagged", "superseded", "parked", "held", "quarantined", "refused"),
  reason: nullable(string),
  message: nullable(text),
  result: withDefault(record, {}),
  conflict: nullable(string),
  at: string,
  final: oneOf("yes", "no"),
});

export const ownDevice = object({
  state: withDefault(string, "enrolled"),
  name: withDefault(string, ""),
  epoch: withDefault(count, 0),
  next_seq: withDefault(count, 0),
});

export const registeredCredential = object({ credential: withDefault(string, "") });
