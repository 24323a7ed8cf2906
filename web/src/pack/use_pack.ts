/** The pack on the screens: what is there, and what is missing, by name. */
import { useEffect, useState } from "react";

import { record, type Text } from "../api/shapes.ts";
import { lots } from "../api/wire.ts";
import { readDevice } from "../device/store.ts";
import { refusalOf } from "./leave.ts";
import { partOf, workTaken } from "./reading.ts";
import { onPack } from "./refreshing.ts";
import { type Cut, readCut } from "./store.ts";

/** What was taken along, for the screens. */
export interface Taken {
  readonly cut: Cut | null;
  /** Why nothing may be done with it without a network. */
  readonly refusal: Text | null;
  readonly work: number;
  readonly forms: number;
  /** Steps whose forms are missing. */
  readonly formless: readonly Text[];
  readonly machines: number;
  readonly lots: number | null;
  readonly meanings: boolean;
  readonly revoked: boolean;
}

export async function readTaken(person: string): Promise<Taken> {
  const [cut, device] = await Promise.all([readCut(person), readDevice()]);
  const [work, stock] = await Promise.all([workTaken(person), partOf(person, "stock", lots)]);
  const parts = Object.keys(cut?.parts ?? {});
  const has = new Set(parts);
  return {
    cut,
    refusal: await refusalOf(cut, person, device?.device ?? ""),
    work: work.length,
    forms: parts.filter((name) => name.startsWith("form/")).length,
    formless: work
      .filter(({ form_hash: form }) => form !== null && !has.has(`form/${form}`))
      .map(({ activity_names: names }) => names),
    machines: parts.filter((name) => name.startsWith("stretch/")).length,
    lots: stock?.items.length ?? null,
    meanings: (await partOf(person, "meanings", record)) !== null,
    revoked: (await partOf(person, "revoked", record)) !== null,
  };
}

/** What this person took along; null until it was read. Read anew when another pack comes. */
export function useTaken(person: string): Taken | null {
  const [taken, setTaken] = useState<Taken | null>(null);
  useEffect(() => {
    let gone = false;
    const look = (): void => {
      void readTaken(person)
        .catch(() => null)
        .then((found) => {
          if (!gone) setTaken(found);
        });
    };
    look();
    const stop = onPack(look);
    return () => {
      gone = true;
      stop();
    };
  }, [person]);
  return taken;
}
