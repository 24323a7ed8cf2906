/**
 * How a person signs on this device without a network: with a passkey (the device or a key asks for finger, face or
 * PIN each time), or, on handhelds that many share, with a key of their own that their secret and this device
 * together open: PBKDF2 → AES-KW, and that under the device's key, which cannot be read out. Tries are counted
 * here; who copies the whole profile is slowed down by the count of PBKDF2's rounds alone, which is why leases are
 * short.
 */
import { sendCommand } from "../api/endpoints.ts";
import type { Meaning } from "../api/wire.ts";
import type { Language } from "../design/preferences.ts";
import { newCommandId } from "../pending/identifiers.ts";
import type { Credentials } from "../pending/sending.ts";
import { recordHash } from "../signing/record_hash.ts";
import { type Bytes, fromBase64url, toBase64url } from "./bytes.ts";
import { challengeOf, type PersonSignature, type Proof, type Said, signedByPerson } from "./envelope.ts";
import { type Algorithm, keyParameters, makeSigningKey, sign } from "./keys.ts";
import {
  type CredentialRow,
  type DeviceRow,
  keepCredential,
  type SecretPolicy,
  type WrappedKey,
} from "./store.ts";

/** Why a person could not sign; the dialog says it in words. */
export class NotSigned extends Error {
  override readonly name = "NotSigned";
  readonly reason: "wrong_secret" | "locked" | "cancelled" | "not_verified" | "no_credential";
  /** Tries that are left, or the time until which it is locked. */
  readonly left: number | string | null;

  constructor(reason: NotSigned["reason"], left: number | string | null = null, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
    this.left = left;
  }
}

/** What a record and its signer's words come to, to be signed. */
export interface ToSign {
  readonly device: DeviceRow;
  /** Hex hash of the device record. */
  readonly record: string;
  readonly said: Said;
}

/** Sign with a credential; `secret` opens a wrapped key. Raises NotSigned. */
export async function signWith(
  credential: CredentialRow,
  { device, record, said }: ToSign,
  secret: string,
): Promise<PersonSignature> {
  const challenge = challengeOf(record, device.device, said);
  const auth: Proof =
    credential.method === "passkey"
      ? await assertedBy(credential, challenge)
      : await signedByKey(credential, device, challenge, secret);
  return { ...said, auth };
}

const VERIFIED = 0x04;

async function assertedBy(
  credential: Extract<CredentialRow, { method: "passkey" }>,
  challenge: Bytes,
): Promise<Proof> {
  const transports = credential.transports as AuthenticatorTransport[];
  let found: Credential | null;
  try {
    found = await navigator.credentials.get({
      publicKey: {
        challenge,
        userVerification: "required",
        allowCredentials: [{ type: "public-key", id: fromBase64url(credential.id), transports }],
        timeout: 120_000,
      },
    });
  } catch (error) {
    throw new NotSigned("cancelled", null, error);
  }
  const response = (found as PublicKeyCredential | null)?.response as
    AuthenticatorAssertionResponse | undefined;
  if (response === undefined) throw new NotSigned("cancelled");
  const authenticator = new Uint8Array(response.authenticatorData);
  // Without it nothing shows that it was the owner; the server refuses it, and here the person can still act.
  if (((authenticator[32] ?? 0) & VERIFIED) === 0) throw new NotSigned("not_verified");
  return {
    method: "passkey",
    credential: credential.id,
    client_data: toBase64url(response.clientDataJSON),
    authenticator_data: toBase64url(authenticator),
    signature: toBase64url(response.signature),
  };
}

async function signedByKey(
  credential: WrappedKey,
  device: DeviceRow,
  challenge: Bytes,
  secret: string,
): Promise<Proof> {
  const now = Date.now();
  if (credential.locked_until !== null && now < Date.parse(credential.locked_until))
    throw new NotSigned("locked", credential.locked_until);
  let key: CryptoKey;
  try {
    key = await opened(credential, device.box, secret);
  } catch (error) {
    throw await failed(credential, device.policy, now, error);
  }
  if (credential.failures > 0) await keepCredential({ ...credential, failures: 0, locked_until: null });
  const signature = await sign(credential.algorithm, key, signedByPerson(challenge));
  return { method: "key", credential: credential.id, signature };
}

async function failed(
  credential: WrappedKey,
  policy: SecretPolicy,
  now: number,
  cause: unknown,
): Promise<NotSigned> {
  const failures = credential.failures + 1;
  const locked = failures >= policy.tries;
  const locked_until = locked ? new Date(now + policy.lock_minutes * 60_000).toISOString() : null;
  await keepCredential({ ...credential, failures: locked ? 0 : failures, locked_until });
  return locked
    ? new NotSigned("locked", locked_until, cause)
    : new NotSigned("wrong_secret", policy.tries - failures, cause);
}

/** Wrap a fresh signing key; `extractable` only until it is wrapped, then it is gone. */
export async function wrappedKey(
  id: string,
  username: string,
  label: string,
  secret: string,
  device: Pick<DeviceRow, "box" | "policy">,
): Promise<{ readonly row: WrappedKey; readonly publicKey: string }> {
  const { algorithm, key, publicKey } = await makeSigningKey(true);
  const { iterations } = device.policy;
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const wrapped_nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed_nonce = crypto.getRandomValues(new Uint8Array(12));
  const content = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["wrapKey"]);
  const sealed = await crypto.subtle.wrapKey("pkcs8", key, content, { name: "AES-GCM", iv: sealed_nonce });
  const inner = await crypto.subtle.wrapKey(
    "raw",
    content,
    await secretKey(secret, salt, iterations),
    "AES-KW",
  );
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv: wrapped_nonce }, device.box, inner);
  const row: WrappedKey = {
    id,
    method: "key",
    username,
    label,
    registered_at: new Date().toISOString(),
    algorithm,
    salt,
    iterations,
    wrapped: new Uint8Array(wrapped),
    wrapped_nonce,
    sealed: new Uint8Array(sealed),
    sealed_nonce,
    failures: 0,
    locked_until: null,
  };
  return { row, publicKey };
}

/** The signing key, not extractable; raises when the secret or the device is not the right one. */
async function opened(row: WrappedKey, box: CryptoKey, secret: string): Promise<CryptoKey> {
  const inner = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.wrapped_nonce }, box, row.wrapped);
  const content = await crypto.subtle.unwrapKey(
    "raw",
    inner,
    await secretKey(secret, row.salt, row.iterations),
    "AES-KW",
    "AES-GCM",
    false,
    ["unwrapKey"],
  );
  return crypto.subtle.unwrapKey(
    "pkcs8",
    row.sealed,
    content,
    { name: "AES-GCM", iv: row.sealed_nonce },
    keyParameters(row.algorithm),
    false,
    ["sign"],
  );
}

/** The secret as people type it: composed, so that the same characters are the same bytes on every keyboard. */
async function secretKey(secret: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const typed = new TextEncoder().encode(secret.normalize("NFKC"));
  const base = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    base,
    { name: "AES-KW", length: 256 },
    false,
    ["wrapKey", "unwrapKey"],
  );
}

/** What is wrong with a new secret by the rules; null when nothing is. */
export function secretProblem(secret: string, policy: SecretPolicy): "short" | "simple" | null {
  const characters = Array.from(secret);
  if (characters.length < policy.secret_length) return "short";
  if (new Set(characters).size < 3 || isRun(characters)) return "simple";
  return null;
}

/** 123456, 987654: each character one up, or each one down. */
function isRun(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}

export interface Registration {
  readonly device: DeviceRow;
  readonly tenant: string;
  readonly user: { readonly id: string; readonly username: string; readonly name: string };
  readonly language: Language;
  readonly meaning: Meaning;
  readonly label: string;
  /** Registering is signed with the password. */
  readonly password: string;
}

interface Registered {
  readonly id: string;
  readonly method: "passkey" | "key";
  readonly algorithm: Algorithm;
  readonly publicKey: string;
  readonly transports: readonly string[];
  readonly backedUp: boolean | null;
}

/** Register a passkey; raises NotSigned when the person or the device declines, Refused or Unreachable. */
export async function registerPasskey(asked: Registration, known: readonly CredentialRow[]): Promise<void> {
  const created = await createdPasskey(asked, known);
  await registered(asked, created);
  await keepCredential({
    id: created.id,
    method: "passkey",
    username: asked.user.username,
    label: asked.label,
    transports: created.transports,
    registered_at: new Date().toISOString(),
  });
}

/** COSE numbers of the algorithms that the server verifies. */
const COSE: readonly (readonly [number, Algorithm])[] = [
  [-8, "Ed25519"],
  [-7, "ES256"],
];
const BACKED_UP = 0x10;

async function createdPasskey(asked: Registration, known: readonly CredentialRow[]): Promise<Registered> {
  let made: Credential | null;
  try {
    made = await navigator.credentials.create({
      publicKey: {
        rp: { name: "Countersign 会签" },
        user: {
          id: new TextEncoder().encode(asked.user.id),
          name: asked.user.username,
          displayName: asked.user.name,
        },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: COSE.map(([alg]) => ({ type: "public-key", alg })),
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        excludeCredentials: known
          .filter(({ method }) => method === "passkey")
          .map(({ id }) => ({ type: "public-key", id: fromBase64url(id) })),
        attestation: "none",
        timeout: 120_000,
      },
    });
  } catch (error) {
    throw new NotSigned("cancelled", null, error);
  }
  const credential = made as PublicKeyCredential | null;
  const response = credential?.response as AuthenticatorAttestationResponse | undefined;
  const publicKey = response?.getPublicKey();
  const algorithm = COSE.find(([alg]) => alg === response?.getPublicKeyAlgorithm())?.[1];
  if (credential === null || response === undefined || publicKey == null || algorithm === undefined)
    throw new NotSigned("no_credential");
  const flags = new Uint8Array(response.getAuthenticatorData())[32] ?? 0;
  return {
    id: credential.id,
    method: "passkey",
    algorithm,
    publicKey: toBase64url(publicKey),
    transports: response.getTransports(),
    backedUp: (flags & BACKED_UP) !== 0,
  };
}

/** Register a key that `secret` opens on this device; raises Refused or Unreachable. */
export async function registerKey(asked: Registration, secret: string): Promise<void> {
  const id = newCommandId();
  const { row, publicKey } = await wrappedKey(id, asked.user.username, asked.label, secret, asked.device);
  const { algorithm } = row;
  await registered(asked, { id, method: "key", algorithm, publicKey, transports: [], backedUp: null });
  await keepCredential(row);
}

/** Tell the server, signed with the password: from then on this credential signs for its owner. */
async function registered(asked: Registration, made: Registered): Promise<void> {
  const { meaning, language, user } = asked;
  const record = {
    v: "1",
    kind: "credential.registered",
    tenant: asked.tenant,
    method: made.method,
    credential: made.id,
    algorithm: made.algorithm,
    public_key: made.publicKey,
    device: asked.device.device,
    meaning: meaning.code,
    statement: meaning.statement[language],
    language,
    signer: user.username,
  };
  const proof: Credentials = { username: user.username, password: asked.password };
  await sendCommand("register-credential", {
    command_id: newCommandId(),
    method: made.method,
    credential_id: made.id,
    algorithm: made.algorithm,
    public_key: made.publicKey,
    transports: made.transports,
    backed_up: made.backedUp,
    device: asked.device.device,
    label: asked.label,
    signature: { ...proof, meaning: meaning.code, shown_hash: recordHash(record), language },
  });
}
