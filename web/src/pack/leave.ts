/** Whether a person may do something on this device while the server is not reached, and why not. */
import { isReachable, serverNow } from "../api/connection.ts";
import { Refused } from "../api/client.ts";
import type { Text } from "../api/shapes.ts";
import { problem } from "../api/wire.ts";
import { currentLanguage } from "../design/preferences.ts";
import type { Subject } from "../device/record.ts";
import type { DeviceRow } from "../device/store.ts";
import { partOf } from "./reading.ts";
import { machineOf, startOf } from "./replay.ts";
import { type Cut, readCut } from "./store.ts";
import { revoked } from "./wire.ts";
import { LEAVE } from "./words.ts";

/** Why nothing may be done with this pack without a network; null when it may. */
export async function refusalOf(cut: Cut | null, person: string, device: string): Promise<Text | null> {
  if (cut === null || cut.device !== device) return LEAVE.none;
  if (serverNow() > Date.parse(cut.valid_until)) return filled(LEAVE.old, cut.valid_until);
  const known = await partOf(person, "revoked", revoked);
  if (known === null) return LEAVE.none;
  return known.people.includes(person) || known.devices.includes(device) ? LEAVE.revoked : null;
}

/** What may not be signed with any more. */
export async function revokedCredentials(person: string): Promise<readonly string[]> {
  return (await partOf(person, "revoked", revoked))?.credentials ?? [];
}

/** Why this step is not completed without a network, by its class; null when it is. */
export function refusalOfClass(offline: string | null | undefined): Text | null {
  if (offline === "C") return LEAVE.prepared_only;
  return offline === "D" ? LEAVE.never : null;
}

/** Refuse, in a sentence, what is not done without a network; does nothing while the server is reached. */
export async function requireLeave(subject: Subject, person: string, device: DeviceRow): Promise<void> {
  if (isReachable()) return;
  const cut = await readCut(person);
  const why =
    (await refusalOf(cut, person, device.device)) ??
    (subject.kind === "work_item.complete" ? refusalOfClass(subject.offline) : null) ??
    (subject.kind === "process_instance.start" ? await refusalOfStart(person, subject) : null);
  if (why !== null) throw notNow(why);
}

/** Whether the diagram lets a device start the process. */
async function refusalOfStart(person: string, { definition }: Subject): Promise<Text | null> {
  const machine = await machineOf(person, definition.hash);
  return machine === null || startOf(machine, definition.form) === null ? LEAVE.start : null;
}

function notNow(why: Text): Refused {
  const language = currentLanguage();
  const said = { status: 409, title: LEAVE.title[language], detail: why[language], reason: "not_offline" };
  return new Refused(409, problem(said, ""), null);
}

function filled(text: Text, until: string): Text {
  const at = (language: string): string =>
    new Date(until).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  return { en: text.en.replace("{until}", at("en")), zh: text.zh.replace("{until}", at("zh-CN")) };
}
