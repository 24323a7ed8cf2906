/** Which work items are shown, and in what order: pure, so that it can be tested. */
import type { WorkItem } from "../../api/wire.ts";

export type Whose = "all" | "mine" | "free";

/** Overdue first, then the server's order of urgency: priority, then what is due sooner, then what is older. */
export function chosen(
  items: readonly WorkItem[],
  choice: { readonly whose: Whose; readonly query: string; readonly user: string; readonly now: number },
): readonly WorkItem[] {
  const words = choice.query.toLowerCase().split(/\s+/).filter(Boolean);
  return items
    .filter((item) => belongs(item, choice.whose, choice.user))
    .filter((item) => words.every((word) => haystack(item).includes(word)))
    .toSorted(
      (a, b) =>
        Number(isOverdue(b, choice.now)) - Number(isOverdue(a, choice.now)) ||
        (b.priority ?? 0) - (a.priority ?? 0) ||
        (a.due_at ?? "9").localeCompare(b.due_at ?? "9") ||
        a.opened_at.localeCompare(b.opened_at),
    );
}

export function isOverdue(item: WorkItem, now: number): boolean {
  return item.due_at !== null && Date.parse(item.due_at) < now;
}

function belongs(item: WorkItem, whose: Whose, user: string): boolean {
  if (whose === "mine") return item.assignee?.id === user;
  if (whose === "free") return item.assignee === null;
  return true;
}

function haystack(item: WorkItem): string {
  return [
    item.title,
    item.activity_names.en,
    item.activity_names.zh,
    item.process_names.en,
    item.process_names.zh,
    item.role,
    item.assignee?.name.en,
    item.assignee?.name.zh,
    item.work_item_id,
  ]
    .filter(Boolean)
    .join("\n")
    .toLowerCase();
}
