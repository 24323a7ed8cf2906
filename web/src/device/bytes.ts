/** Bytes as they travel and as they are hashed: base64url, and SHA-256 with a domain in front. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The RFC 8785 text of a JSON value. Raises TypeError for what is no JSON. */
export function jcs(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("Only JSON can be written canonically.");
  return text;
}

/** SHA-256 of `domain`, a zero byte and `content`: hashes of different kinds are never equal. */
export function digest(domain: string, content: string): Bytes {
  return copied(sha256(utf8ToBytes(`${domain}\0${content}`)));
}

/** What is signed of a digest: its domain, a zero byte, its raw bytes. */
export function inDomain(domain: string, raw: Uint8Array): Bytes {
  const name = utf8ToBytes(`${domain}\0`);
  const all = new Uint8Array(name.length + raw.length);
  all.set(name);
  all.set(raw, name.length);
  return all;
}

export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

export function fromHex(text: string): Bytes {
  return copied(hexToBytes(text));
}

export function toBase64url(bytes: ArrayBuffer | Uint8Array): string {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const characters = Array.from(view, (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Raises when the text is no base64url. */
export function fromBase64url(text: string): Bytes {
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

/** In memory of its own, as WebCrypto and WebAuthn want it. */
function copied(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}
