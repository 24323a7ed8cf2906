/**
 * The screens that come when they are opened, and what an opened address will need, asked for at once: on a poor
 * network each part that is asked for only when the one before has run costs a journey.
 */
import type { ComponentType } from "react";

import { part, type Part } from "./design/part.tsx";
import { Skeleton } from "./design/parts.tsx";
import type { Language } from "./design/preferences.ts";
import { loadMessages } from "./forms/spoken.ts";

/** A screen that is fetched when its address is opened. */
export function screen<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): Part<P> {
  return part<P>(
    async () => (await load()).default,
    () => (
      <div className="page">
        <Skeleton />
      </div>
    ),
  );
}

export const WorkItemScreen = screen(() => import("./screens/work_item/work_item.tsx"));

/** Fetch all that opening a work item needs besides its data. */
export async function fetchWorkItemScreen(language: Language): Promise<void> {
  // What fails now is asked for again when it is shown.
  await Promise.allSettled([WorkItemScreen.fetch(), loadMessages(language)]);
}

/** Tell whether an address opens a form. */
export function opensForm(path: string): boolean {
  return path.startsWith("/work/");
}

/** Begin to fetch what `path` opens. */
export function fetchAhead(path: string, language: Language): void {
  if (opensForm(path)) void fetchWorkItemScreen(language);
}
