/**
 * The shapes on the wire, one reader each; the server's golden snapshots (tests/golden/api) are read with
 * these very functions. What may be null is null here, never undefined.
 */
import {
  array,
  boolean,
  decimal,
  integer,
  json,
  nullable,
  object,
  type Of,
  oneOf,
  record,
  recordOf,
  type Shape,
  string,
  text,
  withDefault,
} from "./shapes.ts";

const person = object({ id: nullable(string), name: text });

/** A title is worked out from the case and is empty until there is something to say. */
const title: Shape<string | null> = (value, path) => nullable(string)(value, path) || null;

export const demoAccount = object({
  username: string,
  name: text,
  roles: withDefault(array(string), []),
  password: nullable(string),
});
export type DemoAccount = Of<typeof demoAccount>;

export const session = object({
  user: object({ id: string, username: string, name: text, roles: array(string), zone: string }),
  csrf: string,
  tenant: nullable(string),
  demo_accounts: withDefault(array(demoAccount), []),
});
export type Session = Of<typeof session>;

/** What a refused session request still carries: the token to sign in with, and the accounts of a demo. */
export const signedOut = object({
  csrf: withDefault(string, ""),
  demo_accounts: withDefault(array(demoAccount), []),
});

const workItemFields = {
  work_item_id: string,
  revision: integer,
  process_instance_id: string,
  process_id: string,
  process_names: text,
  title,
  activity_id: string,
  activity_names: text,
  visit: integer,
  item_index: nullable(integer),
  role: string,
  assignee: nullable(person),
  opened_at: string,
  due_at: nullable(string),
  priority: nullable(integer),
  form_hash: nullable(string),
  signature: nullable(string),
  offline: nullable(string),
  has_draft: withDefault(boolean, false),
  definition_hash: string,
  status: withDefault(string, "open"),
} as const;

export const workItem = object(workItemFields);
export type WorkItem = Of<typeof workItem>;

export const worklist = object({ items: array(workItem), next: nullable(string) });
export type Worklist = Of<typeof worklist>;

export const meaning = object({ code: string, names: text, statement: text });
export type Meaning = Of<typeof meaning>;

export const workItemDetail = object({
  ...workItemFields,
  variables: withDefault(record, {}),
  result: nullable(string),
  draft: nullable(object({ data: record, saved_at: string })),
  meaning: nullable(meaning),
  may: object({ claim: boolean, complete: boolean, why_not: nullable(text) }),
  /** For whom one would do it, by a delegation; as the signed record says it. */
  for: withDefault(nullable(object({ username: string, names: text, delegation: string })), null),
  context: withDefault(record, {}),
});
export type WorkItemDetail = Of<typeof workItemDetail>;

/**
 * What a step's fields replace: its earlier answer where one variable takes the whole of it, else the case's variables.
 */
export function recordedBefore(item: WorkItemDetail): Readonly<Record<string, unknown>> {
  if (item.result === null) return item.variables;
  const earlier = item.variables[item.result];
  return typeof earlier === "object" && earlier !== null ? (earlier as Record<string, unknown>) : {};
}

export const processes = object({
  items: array(
    object({
      process_id: string,
      names: text,
      description: nullable(text),
      version: integer,
      definition_hash: string,
      may_start: boolean,
      anyone_starts: boolean,
      start_form: nullable(string),
    }),
  ),
});
export type ProcessSummary = Of<typeof processes>["items"][number];

const instanceStatus = oneOf("running", "completed", "cancelled");

export const instances = object({
  items: array(
    object({
      process_instance_id: string,
      process_id: string,
      process_names: text,
      title,
      status: instanceStatus,
      started_at: string,
      finished_at: nullable(string),
    }),
  ),
  next: nullable(string),
});
export type InstanceSummary = Of<typeof instances>["items"][number];

const activityCounts = object({
  open: withDefault(integer, 0),
  completed: withDefault(integer, 0),
  waiting: withDefault(integer, 0),
  failed: withDefault(integer, 0),
});
export type ActivityCounts = Of<typeof activityCounts>;

const anyPerson: Shape<Of<typeof person> | null> = (value, path) =>
  typeof value === "string" ? { id: value, name: { en: value, zh: value } } : nullable(person)(value, path);

export const instance = object({
  process_instance_id: string,
  process_id: string,
  process_names: text,
  title,
  version: integer,
  definition_hash: string,
  status: instanceStatus,
  started_at: string,
  finished_at: nullable(string),
  started_by: anyPerson,
  /** What cancelling is signed with; null where this person may not cancel. */
  cancel: nullable(meaning),
  activities: recordOf(activityCounts),
  work_items: array(workItem),
  incidents: withDefault(
    array(object({ id: string, at: string, activity_id: nullable(string), message: json })),
    [],
  ),
  variables: withDefault(record, {}),
});
export type Instance = Of<typeof instance>;

const historyEvent: Shape<Readonly<Record<string, unknown>> & { readonly event: string }> = (
  value,
  path,
) => ({
  ...record(value, path),
  event: string(record(value, path)["event"], `${path}/event`),
});
export type HistoryEvent = Of<typeof historyEvent>;

const historyEntry = object({
  seq: integer,
  at: string,
  zone: nullable(string),
  actor: object({ id: nullable(string), name: text, role: nullable(string) }),
  device: nullable(string),
  command: nullable(object({ id: string, name: string })),
  why: nullable(string),
  definition: nullable(string),
  events: array(historyEvent),
  hash: string,
  prev: nullable(string),
});
export type HistoryEntry = Of<typeof historyEntry>;

export const history = object({ entries: array(historyEntry), verified: boolean });
export type History = Of<typeof history>;

/** The sentence that was signed: as it was read, or in both languages. */
const statement: Shape<string | Of<typeof text>> = (value, path) =>
  typeof value === "string" ? value : text(value, path);

/** The part of a history event that shows a signature; what is absent stands in the entry around it. */
export const signatureMade = object({
  signature_id: nullable(string),
  meaning: string,
  meaning_names: text,
  statement,
  language: nullable(string),
  signer: object({ id: nullable(string), username: string, name: text, role: nullable(string) }),
  at: nullable(string),
  zone: nullable(string),
  offset: nullable(string),
  record_hash: string,
  record: nullable(record),
  for: withDefault(nullable(object({ username: string, names: text })), null),
});
export type SignatureMade = Of<typeof signatureMade>;

export const acceptance = object({
  outcome: oneOf("accepted"),
  command_id: string,
  result: withDefault(record, {}),
});
export type Acceptance = Of<typeof acceptance>;

/** What completing a work item answers; the next items that are this person's. */
export const completed = object({
  process_instance_id: nullable(string),
  next_work_items: withDefault(array(object({ work_item_id: string, activity_names: text })), []),
});

export const started = object({
  process_instance_id: string,
  work_items: withDefault(array(string), []),
});

const item = object({
  item_id: string,
  number: string,
  names: text,
  unit: nullable(string),
  package_level: nullable(json),
  contained_quantity: nullable(json),
});

export const scan = object({
  raw: string,
  symbology: nullable(string),
  parser: nullable(string),
  elements: record,
  item: nullable(item),
});
export type Scan = Of<typeof scan>;

const ledgerItem = object({
  item_id: string,
  number: string,
  names: text,
  unit: nullable(string),
  gtin: nullable(string),
  description: nullable(text),
  manufacturer: nullable(string),
  packages: withDefault(array(object({ gtin: string, level: nullable(json), quantity: nullable(json) })), []),
});
export type LedgerItem = Of<typeof ledgerItem>;
export const ledgerItems = object({ items: array(ledgerItem), next: nullable(string) });

const lotFields = {
  lot_id: string,
  number: string,
  item: object({ item_id: string, number: string, names: text, unit: nullable(string) }),
  status: string,
  status_names: nullable(text),
  expiry: nullable(string),
  supplier: nullable(object({ supplier_id: nullable(string), name: text })),
  quantity: nullable(decimal),
  unit: nullable(string),
  received_at: nullable(string),
  process_instance_id: nullable(string),
  supplier_lot: nullable(string),
  holds: withDefault(
    array(object({ kind: nullable(string), reason: nullable(string), owner_role: nullable(string) })),
    [],
  ),
} as const;
export const units = object({ units: recordOf(text) });
export const closedRegisters = object({ closed: array(string) });

const lot = object(lotFields);
export type Lot = Of<typeof lot>;
export const lots = object({ items: array(lot), next: nullable(string) });

const place = object({ location_id: nullable(string), code: string, names: nullable(text) });

export const lotDetail = object({
  ...lotFields,
  balances: array(
    object({ location: place, status: string, counts: string, quantity: decimal, unit: string }),
  ),
  /** The prints of its labels, where one does not hold all serial numbers. */
  label_prints: withDefault(array(object({ after: string, first: string, last: string })), []),
  movements: array(
    object({
      movement_id: string,
      at: string,
      kind: nullable(string),
      from: nullable(place),
      to: nullable(place),
      from_status: nullable(string),
      to_status: nullable(string),
      quantity: decimal,
      unit: string,
      actor: anyPerson,
      activity_names: nullable(text),
      process_instance_id: nullable(string),
      why: nullable(string),
    }),
  ),
  statuses: withDefault(
    array(
      object({
        status: string,
        at: string,
        actor: anyPerson,
        why: nullable(string),
        process_instance_id: nullable(string),
      }),
    ),
    [],
  ),
});
export type LotDetail = Of<typeof lotDetail>;

export const verification = object({
  checked: recordOf(integer),
  problems: array(object({ stream: nullable(string), seq: nullable(integer), code: string, message: text })),
});
export type Verification = Of<typeof verification>;

const fieldError = object({ path: string, code: string, message: json });

/** An RFC 9457 problem document as our server writes it. */
export const problem = object({
  type: withDefault(string, "about:blank"),
  title: withDefault(string, ""),
  status: withDefault(integer, 0),
  detail: withDefault(string, ""),
  reason: withDefault(string, ""),
  expected: nullable(json),
  found: nullable(json),
  errors: withDefault(array(fieldError), []),
  incident: nullable(string),
});
export type Problem = Of<typeof problem>;
export type WireFieldError = Of<typeof fieldError>;
