/** What the server tells about nonconformities (api/nonconformities.py). */
import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  decimal,
  integer,
  nullable,
  object,
  type Of,
  recordOf,
  string,
  text,
} from "../../api/shapes.ts";
import { pageOf } from "../registers/paged.tsx";

const listed = object({
  number: string,
  cycle: integer,
  stage: string,
  description: string,
  severity: nullable(string),
  risk_score: nullable(integer),
  class: nullable(string),
  item: nullable(object({ number: string, names: text })),
  aware_at: string,
  outcome: nullable(string),
  closed_at: nullable(string),
});
export type Listed = Of<typeof listed>;

const nonconformities = object({
  items: array(listed),
  next: nullable(string),
  ageing: object({ listed_after_days: integer, managers_after_days: integer }),
  now: string,
});
export type Listing = Of<typeof nonconformities>;

const lot = object({
  lot_id: string,
  lot_number: string,
  item_names: text,
  finding: string,
  quantity: decimal,
  unit: string,
  evidence: nullable(string),
  on_hold: boolean,
});
export type ScopeLot = Of<typeof lot>;

const split = object({
  split: integer,
  round: integer,
  lot_id: string,
  lot_number: string,
  quantity: decimal,
  done: decimal,
  unit: string,
  disposition: string,
  reason: string,
  instruction: nullable(string),
  status: string,
});
export type Split = Of<typeof split>;

const vote = object({
  round: integer,
  role: string,
  agrees: boolean,
  reason: nullable(string),
  by: string,
  at: string,
});
export type Vote = Of<typeof vote>;

const concession = object({
  number: string,
  requirement: string,
  justification: string,
  valid_until: nullable(string),
  by: string,
  and_by: string,
});
export type Concession = Of<typeof concession>;

const cycle = object({
  cycle: integer,
  process_instance_id: nullable(string),
  reason: nullable(string),
  by: string,
  at: string,
  outcome: nullable(string),
  closing_reason: nullable(string),
  closed_by: nullable(string),
  closed_at: nullable(string),
});
export type Cycle = Of<typeof cycle>;

const linked = object({ kind: string, number: string, status: string });
export type Linked = Of<typeof linked>;

const nonconformity = object({
  number: string,
  cycle: integer,
  source_kind: string,
  source_number: string,
  stage: string,
  description: string,
  requirement: nullable(string),
  severity: nullable(string),
  class: nullable(string),
  cause_code: nullable(string),
  aware_at: string,
  by: string,
  outcome: nullable(string),
  lots: array(lot),
  splits: array(split),
  votes: array(vote),
  concessions: array(concession),
  cycles: array(cycle),
  linked: array(linked),
  people: recordOf(text),
});
export type Nonconformity = Of<typeof nonconformity>;

export type Which = "open" | "all";

export const getNonconformities = (which: Which, cursor: string | null) =>
  pageOf(`/api/nonconformities?which=${which}`, nonconformities, cursor);

export const getNonconformity = (number: string) =>
  request(`/api/nonconformities/${encodeURIComponent(number)}`, nonconformity);
