/** Keeps the pack of who is signed in young while the server is reached. Loaded when the first screen is there. */
import { isReachable, onReachableChange } from "../api/connection.ts";
import { readDevice } from "../device/store.ts";
import { onAnswers } from "../pending/pending.ts";
import { takePack } from "./taking.ts";

const EVERY_MS = 5 * 60_000;
const SOON_MS = 1_500;

const listeners = new Set<() => void>();

/** Be told when another pack is here. */
export function onPack(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Fetch what changed; raises what stands in the way. */
export async function refreshPack(person: string): Promise<void> {
  if ((await takePack(person)) === null) return;
  for (const listener of listeners) listener();
}

/** Fetch now, every few minutes, when the server is there again, and after each answer; gives how to stop. */
export function keepPackYoung(person: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, EVERY_MS);
    if (!isReachable() || document.visibilityState === "hidden") return;
    // What stands in the way shows as the age of the pack.
    void refreshPack(person).catch(() => undefined);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, SOON_MS);
  };
  const stops = [
    onAnswers(soon),
    onReachableChange(() => {
      if (isReachable()) soon();
    }),
  ];
  void readDevice()
    .catch(() => null)
    .then((device) => {
      if (device !== null && !over) soon();
    });
  return () => {
    over = true;
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
