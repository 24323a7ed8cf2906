/**
 * Taking the pack along: ask for the parts that changed, believe them only when the list is signed with the key that
 * this device was given at enrolment and each part is what its hash says, and swap all in at once.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

import { request } from "../api/client.ts";
import { digest, inDomain } from "../device/bytes.ts";
import { verify } from "../device/keys.ts";
import { type DeviceRow, readDevice } from "../device/store.ts";
import { withLock } from "../pending/journal.ts";
import { type Cut, forgetPack, type Part, readCut, swapIn } from "./store.ts";
import { cutAnswer, cutHead } from "./wire.ts";

const CUT = "countersign-pack-cut-v1";
const LOCK = "countersign-pack";
const TIME_LIMIT_MS = 60_000;

/** What came is not what our server signed; nothing of it is kept. */
export class NotGenuine extends Error {
  override readonly name = "NotGenuine";
}

/**
 * Bring this person's pack up to date; null on a device that is not enrolled. Raises Refused, Unreachable, WireMismatch
 * or NotGenuine, and then what was there stays.
 */
export function takePack(person: string): Promise<Cut | null> {
  return withLock(LOCK, async () => {
    const device = await readDevice();
    if (device?.state !== "enrolled") return null;
    const before = await readCut(person);
    const known = before?.device === device.device ? before.parts : {};
    try {
      return await taken(person, device, known);
    } catch (error) {
      // Something here is not as the list of before says it is: all of it once more.
      if (!(error instanceof NotGenuine) || Object.keys(known).length === 0) throw error;
      await forgetPack(person);
      return taken(person, device, {});
    }
  });
}

async function taken(
  person: string,
  device: DeviceRow,
  have: Readonly<Record<string, string>>,
): Promise<Cut> {
  const answer = await request("/api/pack", cutAnswer, {
    method: "POST",
    body: { device: device.device, have },
    timeLimit: TIME_LIMIT_MS,
  });
  const { cut: body, key, signature } = answer;
  const by = device.server_keys.find(({ id }) => id === key);
  if (by === undefined) throw new NotGenuine("The pack is signed with a key that this device was not given.");
  const signed = inDomain(CUT, digest(CUT, body));
  if (!(await verify(by.algorithm, by.public_key, signed, signature)))
    throw new NotGenuine("The signature of the pack is wrong.");
  const head = cutHead(JSON.parse(body), "");
  if (head.person !== person || head.device !== device.device)
    throw new NotGenuine("The pack is for somebody else.");
  const fresh = Object.entries(answer.parts).map(([name, text]) => part(person, name, text, head.parts));
  const there = { ...have, ...Object.fromEntries(fresh.map(({ name, hash }) => [name, hash])) };
  if (Object.entries(head.parts).some(([name, hash]) => there[name] !== hash))
    throw new NotGenuine("The pack is not whole.");
  const cut: Cut = { ...head, taken_at: Date.now(), signed: { body, key, signature } };
  await swapIn(cut, fresh);
  return cut;
}

function part(person: string, name: string, text: string, listed: Readonly<Record<string, string>>): Part {
  const hash = bytesToHex(sha256(utf8ToBytes(text)));
  if (listed[name] !== hash) throw new NotGenuine(`The part ${name} is not what was signed.`);
  return { person, name, hash, text };
}
