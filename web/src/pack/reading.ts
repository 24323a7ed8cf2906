/** What is in the pack, as the screens know it; each answers as the server would, as of the time of the pack. */
import type { Shape } from "../api/shapes.ts";
import { lots, session, units, type WorkItemDetail, workItemDetail, worklist } from "../api/wire.ts";
import { fact } from "../mirror/copies.ts";
import { type Cut, readCut, readPart, readParts } from "./store.ts";
import { startable } from "./wire.ts";

/** The part of that name; null where the pack has none, or it is not what we know. */
export async function partOf<T>(person: string, name: string, shape: Shape<T>): Promise<T | null> {
  const found = await readPart(person, name);
  if (found === null) return null;
  try {
    return shape(JSON.parse(found.text), `/${name}`);
  } catch {
    return null;
  }
}

/** The open work that was taken along. */
export async function workTaken(person: string): Promise<readonly WorkItemDetail[]> {
  const parts = await readParts(person, "work_item/");
  return parts.flatMap(({ text }) => {
    try {
      return [workItemDetail(JSON.parse(text), "")];
    } catch {
      return [];
    }
  });
}

/** Who works here: signed in now, or last when there was a network. */
export async function whoIsHere(): Promise<{
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
} | null> {
  try {
    return session(await fact("session"), "").user;
  } catch {
    return null;
  }
}

/**
 * What the server would have answered to a question of the screens (the key of its query), and when; null where the
 * pack does not say, or what the device has is younger.
 */
export async function fromPack(key: readonly unknown[], younger: number): Promise<unknown> {
  const person = await whoIsHere();
  const cut = person && (await readCut(person.username));
  if (cut === null || person === null || cut.taken_at <= younger) return null;
  return answered(cut, key);
}

async function answered({ person }: Cut, [what, which, query]: readonly unknown[]): Promise<unknown> {
  switch (what) {
    case "worklist":
      return worklist({ items: await workTaken(person), next: null }, "");
    case "work-item":
      return partOf(person, `work_item/${String(which)}`, workItemDetail);
    case "form":
      return partOf(person, `form/${String(which)}`, (value) => value);
    case "units":
      return partOf(person, "units", units);
    case "lots":
      return query === "" ? partOf(person, "stock", lots) : null; // a search is the server's
    case "processes":
      return processesTaken(person);
    default:
      return null;
  }
}

/** The processes that this person may start, as the screen lists them. */
async function processesTaken(person: string): Promise<unknown> {
  const found = await partOf(person, "processes", startable);
  return (
    found && {
      items: found.map((process) => ({
        ...process,
        description: null,
        may_start: true,
        anyone_starts: false,
      })),
    }
  );
}
