/** What keeping a command without a network asks of the pack; a part of its own, fetched when it is needed. */
import type { Boxed } from "../device/outbox.ts";
import type { Subject } from "../device/record.ts";
import { actsByInstance, foreseen } from "./replay.ts";
import { readCut } from "./store.ts";

export { requireLeave } from "./leave.ts";

/** The activities that a step would open, as far as this device can say. */
export async function foresee(
  { kind, target, definition, data, instance }: Subject,
  person: string,
  boxed: readonly Boxed[],
): Promise<readonly string[] | null> {
  const cut = await readCut(person);
  if (cut === null) return null;
  const acts = actsByInstance(boxed).get(instance) ?? [];
  return foreseen(cut, instance, acts, { kind, target, definition, data, by: person, at: now() });
}

const now = (): string => new Date().toISOString();
