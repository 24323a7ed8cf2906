/**
 * What units of measure are called. A form knows a unit by its code ("ea"); people read its words ("each", "个"), which
 * are the customer's and come with the client's answers. A code that nobody has said the words of is shown as it is.
 */
import { useSyncExternalStore } from "react";

import type { Language, Text } from "./texts.ts";

export type UnitNames = Readonly<Record<string, Text>>;

let known: UnitNames = {};
const listeners = new Set<() => void>();

/** Learn the words of units; every form on the screen says them from then on. */
export function learnUnits(names: UnitNames): void {
  if (known === names) return;
  known = names;
  for (const listener of listeners) listener();
}

/** The words that are known, again whenever they change. */
export function useUnitNames(): UnitNames {
  return useSyncExternalStore(subscribe, () => known);
}

/** A unit in words; what is no known code stays as it was written. */
export function unitIn(language: Language, unit: Text | null, units: UnitNames = known): string {
  if (unit === null) return "";
  return units[unit.en]?.[language] ?? unit[language];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
