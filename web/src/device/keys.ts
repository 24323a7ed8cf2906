/**
 * Signing keys of WebCrypto: Ed25519, or P-256 where the browser has no Ed25519 (handhelds with a pinned browser).
 * The algorithm belongs to the registered key; a message never chooses it. ECDSA signatures are raw r‖s, 64 bytes.
 */
import { type Bytes, fromBase64url, toBase64url } from "./bytes.ts";

export type Algorithm = "Ed25519" | "ES256";

export interface SigningKey {
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  /** SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string;
}

const MAKING = { Ed25519: { name: "Ed25519" }, ES256: { name: "ECDSA", namedCurve: "P-256" } } as const;
const SIGNING = { Ed25519: { name: "Ed25519" }, ES256: { name: "ECDSA", hash: "SHA-256" } } as const;

/** The parameters for making and reading keys of an algorithm. */
export function keyParameters(algorithm: Algorithm): { name: string } {
  return MAKING[algorithm];
}

/** Make a key pair of the best algorithm that this browser has and that signs and verifies in a trial. */
export async function makeSigningKey(extractable: boolean): Promise<SigningKey> {
  try {
    return await made("Ed25519", extractable);
  } catch {
    return made("ES256", extractable);
  }
}

async function made(algorithm: Algorithm, extractable: boolean): Promise<SigningKey> {
  const pair = (await crypto.subtle.generateKey(MAKING[algorithm], extractable, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const publicKey = toBase64url(await crypto.subtle.exportKey("spki", pair.publicKey));
  const trial = new Uint8Array(32);
  const signature = await sign(algorithm, pair.privateKey, trial);
  if (!(await verify(algorithm, publicKey, trial, signature))) throw new Error("This browser signs wrongly.");
  return { algorithm, key: pair.privateKey, publicKey };
}

/** Sign; base64url of 64 bytes. */
export async function sign(algorithm: Algorithm, key: CryptoKey, message: Bytes): Promise<string> {
  return toBase64url(await crypto.subtle.sign(SIGNING[algorithm], key, message));
}

/** Whether a signature holds; false also for what is no key or no signature at all. */
export async function verify(
  algorithm: Algorithm,
  publicKey: string,
  message: Bytes,
  signature: string,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("spki", fromBase64url(publicKey), MAKING[algorithm], false, [
      "verify",
    ]);
    return await crypto.subtle.verify(SIGNING[algorithm], key, fromBase64url(signature), message);
  } catch {
    return false;
  }
}
