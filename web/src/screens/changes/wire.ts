/** What the server tells about changes and about findings in master data (api/changes.py). */
import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  integer,
  json,
  nullable,
  object,
  type Of,
  record,
  recordOf,
  string,
  text,
} from "../../api/shapes.ts";
import { pageOf } from "../registers/paged.tsx";

const changeFields = {
  number: string,
  cycle: integer,
  kind: string,
  title: string,
  reason: string,
  class: nullable(string),
  status: string,
  round: integer,
  requested_by: string,
  effective_from: nullable(string),
  process_instance_id: string,
} as const;
const listed = object(changeFields);
export type Listed = Of<typeof listed>;

const changes = object({ items: array(listed), next: nullable(string), people: recordOf(text) });
export type Changes = Of<typeof changes>;

const affected = object({
  kind: string,
  key: string,
  state: string,
  version: nullable(integer),
  fields: array(object({ field: string, old: json, new: json })),
});
export type Affected = Of<typeof affected>;

const effectivity = object({
  kind: string,
  effective_from: string,
  from_number: nullable(string),
  stock: string,
  wip: string,
  open_orders: string,
  shipped: string,
  interchangeable: boolean,
  owner_role: string,
});

const task = object({
  number: integer,
  description: string,
  owner_role: string,
  due_on: string,
  state: string,
  evidence_wanted: string,
  evidence: nullable(string),
  result: nullable(string),
});
export type Task = Of<typeof task>;

const market = object({
  market: string,
  names: text,
  outcome: string,
  outcome_names: text,
  approval_needed: boolean,
  submission: nullable(string),
  answer: nullable(string),
  reference: nullable(string),
});
export type Market = Of<typeof market>;

const impact = object({ role: string, answer: string, reason: string, action: nullable(string) });
export type Impact = Of<typeof impact>;

const decision = object({
  step: string,
  decision: string,
  role: string,
  reason: nullable(string),
  signed: nullable(string),
  signed_names: nullable(text),
  by: string,
});
export type Decision = Of<typeof decision>;

const temporary = object({
  renewal: integer,
  item_number: string,
  lots: array(string),
  quantity: nullable(string),
  valid_until: string,
  ended_at: nullable(string),
});
export type Temporary = Of<typeof temporary>;

const change = object({
  ...changeFields,
  objects: array(affected),
  effectivity: nullable(effectivity),
  tasks: array(task),
  markets: array(market),
  impacts: array(impact),
  decisions: array(decision),
  temporary: array(temporary),
  people: recordOf(text),
});
export type Change = Of<typeof change>;

const finding = object({
  finding_id: string,
  rule: string,
  names: text,
  kind: string,
  key: string,
  detail: record,
  severity: string,
  owner_role: string,
  state: string,
  assigned_to: nullable(string),
  due_on: nullable(string),
  revision: integer,
});
export type Finding = Of<typeof finding>;

const findings = object({
  items: array(finding),
  next: nullable(string),
  owners: recordOf(array(object({ username: string, name: text }))),
});
export type Findings = Of<typeof findings>;

/** What a run of the checks answers. */
export const counted = object({ objects_checked: integer, found: integer, new: integer, gone: integer });

export const getChanges = (cursor: string | null) => pageOf("/api/changes", changes, cursor);

export const getChange = (number: string) => request(`/api/changes/${encodeURIComponent(number)}`, change);

export const getFindings = (cursor: string | null) => pageOf("/api/changes/findings", findings, cursor);
