/** What the server tells about field actions (api/field_actions.py, api/field_action_board.py). */
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
  withDefault,
} from "../../api/shapes.ts";
import { pageOf } from "../registers/paged.tsx";
import { lying } from "../stock/places.tsx";

const actionFields = {
  number: string,
  mode: string,
  cycle: integer,
  reopens: nullable(string),
  status: string,
  title: string,
  action_type: nullable(string),
  classes: recordOf(nullable(string)),
  assigned: recordOf(nullable(string)),
  aware_at: string,
  decided_at: nullable(string),
  closed_at: nullable(string),
  process_instance_id: string,
} as const;
const action = object(actionFields);
export type FieldAction = Of<typeof action>;

const actions = object({ items: array(action), next: nullable(string) });

const consignee = object({
  number: string,
  name: string,
  country: string,
  market: string,
  language: string,
  tier: integer,
  contact: nullable(string),
  phone: nullable(string),
  email: nullable(string),
  state: string,
  notice_id: nullable(string),
  notice: nullable(string),
  attempts: integer,
  reached_at: nullable(string),
  channel: nullable(string),
  answered_at: nullable(string),
  answered_by: nullable(string),
  check: nullable(string),
});
export type Consignee = Of<typeof consignee>;

const account = object({
  consignee: string,
  name: string,
  lot: string,
  unit: string,
  answered: boolean,
  shipped: decimal,
  returned: decimal,
  used: decimal,
  destroyed: decimal,
  corrected: decimal,
  still_there: decimal,
  passed_on: decimal,
  unaccounted: decimal,
  unexplained: decimal,
});
export type Account = Of<typeof account>;

const lot = object({
  lot_id: string,
  lot_number: string,
  item_number: string,
  item_names: text,
  extension: integer,
  on_hold: boolean,
  stock: array(lying),
});
export type LotInReach = Of<typeof lot>;

const clock = object({
  rule: string,
  names: text,
  authority: string,
  state: string,
  overdue: boolean,
  due_on: nullable(string),
  due_at: nullable(string),
});
export type Clock = Of<typeof clock>;

const report = object({
  number: string,
  market: string,
  kind: string,
  names: text,
  missing: array(string),
  prepared_at: string,
  submitted_at: nullable(string),
});
export type Report = Of<typeof report>;

const round = object({
  round: integer,
  level: string,
  percent: integer,
  population: integer,
  asked: integer,
  checked: integer,
  effective: integer,
  drawn_at: string,
});
export type Round = Of<typeof round>;

const board = object({
  ...actionFields,
  description: string,
  consignees: array(consignee),
  reconciliation: object({ percent: decimal, complete: boolean, accounts: array(account) }),
  lots: object({ total: integer, items: array(lot) }),
  clocks: array(clock),
  reports: array(report),
  rounds: array(round),
  now: string,
  closure: object({
    not_notified: array(string),
    response_percent: decimal,
    not_answered: array(string),
    reconciliation_percent: decimal,
    reconciliation_target: integer,
    unexplained: array(string),
    effectiveness_percent: nullable(decimal), // nobody was asked yet, or nobody is
    effectiveness_target: integer,
    checks_missing: integer,
    not_disposed: withDefault(array(string), []),
    reports_open: array(string),
    root_cause: boolean,
  }),
});
export type Board = Of<typeof board>;

export const getFieldActions = (cursor: string | null) => pageOf("/api/field-actions/", actions, cursor);

export const getBoard = (number: string) =>
  request(`/api/field-actions/${encodeURIComponent(number)}`, board);
