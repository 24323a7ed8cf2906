/** Which mark an activity carries on the diagram: the most pressing one, with its count. Pure, tested. */
import type { ActivityCounts } from "../api/wire.ts";

export type Mark = "failed" | "open" | "waiting" | "completed";

export interface Marked {
  readonly activity: string;
  readonly mark: Mark;
  readonly count: number;
}

const PRESSING: readonly Mark[] = ["failed", "open", "waiting", "completed"];

export function marksOf(
  activities: Readonly<Record<string, ActivityCounts>>,
  failed: readonly (string | null)[] = [],
): readonly Marked[] {
  const all = new Map(Object.entries(activities));
  for (const activity of failed) {
    if (activity === null) continue;
    const counts = all.get(activity) ?? { open: 0, completed: 0, waiting: 0, failed: 0 };
    all.set(activity, { ...counts, failed: Math.max(1, counts.failed) });
  }
  return [...all].flatMap(([activity, counts]) => {
    const mark = PRESSING.find((candidate) => counts[candidate] > 0);
    return mark === undefined ? [] : [{ activity, mark, count: counts[mark] }];
  });
}
