/**
 * A large file goes in parts, each by the hash of its content: the server is asked which it has, gets the others one by
 * one, and puts them together. A connection that breaks off, or a browser that is closed, costs the part that was on its
 * way; the next time goes on from there, since the file lies on the device until the server has it (`store.ts`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { request } from "../../api/client.ts";
import { PART_BYTES } from "../../api/endpoints.ts";
import { array, boolean, json, object, string } from "../../api/shapes.ts";

const TIME_LIMIT_MS = 60_000;

const missingParts = object({ stored: boolean, missing: array(string) });

/** Send what the server does not have of a file yet. Raises what `request` raises. */
export async function sendInParts(hash: string, content: ArrayBuffer, mime: string): Promise<void> {
  const address = `/api/attachments/${hash}`;
  const pieces = new Map<string, ArrayBuffer>();
  const parts: string[] = [];
  for (let start = 0; start < content.byteLength; start += PART_BYTES) {
    const piece = content.slice(start, start + PART_BYTES);
    const part = await hashOf(piece);
    pieces.set(part, piece);
    parts.push(part);
  }
  const { stored, missing } = await request(`${address}/missing`, missingParts, {
    method: "POST",
    body: { parts },
  });
  if (stored) return;
  for (const part of missing) {
    const piece = pieces.get(part);
    if (piece === undefined) continue;
    await request(`${address}/parts/${part}`, json, {
      method: "PUT",
      raw: { content: piece, type: "application/octet-stream" },
      timeLimit: TIME_LIMIT_MS,
    });
  }
  await request(address, json, { method: "POST", body: { parts, mime }, timeLimit: TIME_LIMIT_MS });
}

async function hashOf(piece: ArrayBuffer): Promise<string> {
  // The browser's own needs a secure context; ours takes longer.
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  const digest = subtle
    ? new Uint8Array(await subtle.digest("SHA-256", piece))
    : sha256(new Uint8Array(piece));
  return bytesToHex(digest);
}
