/** The name of a step that the server has not opened yet, on this device: its address in one word. */
import type { Address } from "../ahead_of_server/machine.ts";

const BETWEEN = "~";

export function aheadId(instance: string, { activity, visit, index }: Address): string {
  return [instance, activity, visit, index ?? ""].join(BETWEEN);
}

/** Whether the id of a work item was made here, ahead of the server. */
export function isAhead(workItemId: string): boolean {
  return workItemId.includes(BETWEEN);
}

/** Whether a work item is the step that an id made here means. */
export function isAt(
  item: {
    readonly process_instance_id: string;
    readonly activity_id: string;
    readonly visit: number;
    readonly item_index: number | null;
  },
  id: string,
): boolean {
  const { process_instance_id: instance, activity_id: activity, visit, item_index: index } = item;
  return aheadId(instance, { activity, visit, index }) === id;
}
