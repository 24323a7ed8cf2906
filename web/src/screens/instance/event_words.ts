/** Audit events as sentences. An event we do not know is shown by its own name: nothing is left out. */
import type { HistoryEvent } from "../../api/wire.ts";
import type { MessageKey, Say } from "../../i18n/index.tsx";

const SENTENCES: Readonly<Record<string, MessageKey>> = {
  "process_instance.started": "event.instance_started",
  "process_instance.finished": "event.instance_finished",
  "process_instance.cancelled": "event.instance_cancelled",
  "process_instance.titled": "event.instance_titled",
  "process_instance.advanced": "event.instance_advanced",
  "work_item.opened": "event.work_opened",
  "work_item.claimed": "event.work_claimed",
  "work_item.released": "event.work_released",
  "work_item.completed": "event.work_completed",
  "work_item.cancelled": "event.work_cancelled",
  "variables.changed": "event.variables_changed",
  "variables.submitted": "event.variables_submitted",
  "timer.set": "event.timer_set",
  "timer.moved": "event.timer_moved",
  "timer.cleared": "event.timer_cleared",
  "timer.fired": "event.timer_fired",
  "subscription.opened": "event.subscription_opened",
  "subscription.closed": "event.subscription_closed",
  "message.thrown": "event.message_thrown",
  "signal.thrown": "event.signal_thrown",
  "message.delivered": "event.message_delivered",
  "signal.delivered": "event.message_delivered",
  "incident.raised": "event.incident_raised",
  "incident.resolved": "event.incident_resolved",
  "attachment.stored": "event.attachment_stored",
};

/** What the processes and the ledger do: named in words, with what they recorded beside it. */
const NAMED: Readonly<Record<string, MessageKey>> = {
  "inspection_lot.opened": "event.inspection_lot_opened",
  "inspection_lot.sampling_fixed": "event.inspection_lot_sampling_fixed",
  "inspection_lot.documents_checked": "event.inspection_lot_documents_checked",
  "inspection_lot.characteristic_inspected": "event.inspection_lot_characteristic_inspected",
  "receipt.posted": "event.receipt_posted",
  "lot.created": "event.lot_created",
  "lot.held": "event.lot_held",
  "lot.hold_released": "event.lot_hold_released",
  "stock.moved": "event.stock_moved",
};

const STATUSES: Readonly<Record<string, MessageKey>> = {
  running: "instance.running",
  completed: "instance.completed",
  cancelled: "instance.cancelled",
};

/** How the engine kept its books; folded away, never hidden. */
const TECHNICAL = new Set([
  "process_instance.advanced",
  "process_instance.titled",
  "variables.submitted",
  "timer.set",
  "timer.moved",
  "timer.cleared",
  "subscription.opened",
  "subscription.closed",
]);

export function isTechnical(event: HistoryEvent): boolean {
  return TECHNICAL.has(event.event);
}

export function eventSentence(event: HistoryEvent, names: ReadonlyMap<string, string>, say: Say): string {
  const activity = event["activity"];
  const status = STATUSES[text(event["status"])] ?? null;
  const values = {
    activity: typeof activity === "string" ? (names.get(activity) ?? activity) : "",
    role: text(event["role"]),
    status: status === null ? text(event["status"]) : say(status),
    title: text(event["title"]),
    name: text(event["name"]),
    due: text(event["due_at"]),
    fields: Array.isArray(event["fields"]) ? event["fields"].join(", ") : "",
    error: valueText(event["error"]),
  };
  const key = SENTENCES[event.event];
  if (key !== undefined) return say(key, values);
  const named = NAMED[event.event];
  return named === undefined ? event.event : say(named);
}

/** What an event recorded beyond its sentence; none where the sentence says it all. */
export function eventFields(event: HistoryEvent): Readonly<Record<string, unknown>> {
  if (SENTENCES[event.event] !== undefined) return {};
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "event"));
}

export interface LeafChange {
  readonly place: string;
  readonly old: unknown;
  readonly now: unknown;
}

/** What differs between two values, down to the single answers: nobody compares two JSON texts by eye. */
export function leafChanges(place: string, old: unknown, now: unknown): readonly LeafChange[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  const before = branches(old);
  const after = branches(now);
  if (before === null || after === null) return [{ place, old, now }];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => leafChanges(`${place}.${name}`, before.get(name), after.get(name)));
}

function branches(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((each: unknown, index) => [String(index + 1), each]));
}

/** A recorded value as text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
