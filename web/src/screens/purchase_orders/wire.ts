/** What the server tells about purchase orders (api/purchasing.py). */
import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  decimal,
  integer,
  json,
  nullable,
  object,
  type Of,
  recordOf,
  string,
  text,
} from "../../api/shapes.ts";
import { pageOf } from "../registers/paged.tsx";

const supplier = object({ number: string, names: text });

const listed = object({
  number: string,
  status: string,
  version: integer,
  supplier,
  site: string,
  currency: string,
  emergency: boolean,
  total: nullable(decimal),
  created_at: string,
});
export type Listed = Of<typeof listed>;

const orders = object({ items: array(listed), next: nullable(string) });

const line = object({
  line: integer,
  /** Free text, which has names and nothing else, where no item of the master data is bought. */
  item: object({ number: nullable(string), names: text }),
  /** Whose need the line meets: an order may be made of several requisitions. */
  requisition: string,
  status: string,
  revision: nullable(string),
  unit: string,
  unit_price: decimal,
  promised_date: string,
  ordered: decimal,
  received: decimal,
  accepted: decimal,
  rejected: decimal,
  outstanding: decimal,
});
export type Line = Of<typeof line>;

const difference = object({
  line: nullable(integer),
  field: string,
  ordered: json,
  confirmed: json,
  expected: json,
  found: json,
});
export type Difference = Of<typeof difference>;

const version = object({
  version: integer,
  total: decimal,
  reason: nullable(string),
  unchanged: boolean,
  by: string,
  frozen_at: string,
});
export type Version = Of<typeof version>;

const mail = object({
  version: integer,
  channel: string,
  address: string,
  status: string,
  /** What the receiving server said, or the reference of who sent it by hand. */
  answer: nullable(string),
  by: string,
  at: string,
});
export type Mail = Of<typeof mail>;

const performance = object({
  line: integer,
  quantity: decimal,
  unit: string,
  evidence: string,
  by: string,
  at: string,
});
export type Performance = Of<typeof performance>;

const confirmation = object({
  reference: string,
  version: integer,
  confirmed: boolean,
  differences: array(difference),
  by: string,
  at: string,
});
export type Confirmation = Of<typeof confirmation>;

const receipt = object({
  number: string,
  delivery_note: string,
  line: integer,
  lot_id: string,
  lot_number: string,
  quantity: decimal,
  unit: string,
  by: string,
  at: string,
  decisions: array(object({ decision: string, accepted: decimal, rejected: decimal, at: string })),
});
export type Receipt = Of<typeof receipt>;

const invoice = object({
  number: string,
  date: string,
  amount: decimal,
  /** What is paid, where an invoice is for one receipt alone. */
  receipt: nullable(string),
  outcome: string,
  differences: array(difference),
  reason: nullable(string),
  by: string,
  at: string,
});
export type Invoice = Of<typeof invoice>;

const waiver = object({
  number: string,
  reason: string,
  controls: string,
  valid_to: string,
  by: string,
  at: string,
});
export type Waiver = Of<typeof waiver>;

const order = object({
  number: string,
  status: string,
  version: integer,
  supplier,
  currency: string,
  emergency: boolean,
  process_instance_id: string,
  lines: array(line),
  versions: array(version),
  mails: array(mail),
  performances: array(performance),
  confirmations: array(confirmation),
  receipts: array(receipt),
  invoices: array(invoice),
  waivers: array(waiver),
  people: recordOf(text),
});
export type Order = Of<typeof order>;

export const getOrders = (cursor: string | null) => pageOf("/api/purchase-orders", orders, cursor);

export const getOrder = (number: string) =>
  request(`/api/purchase-orders/${encodeURIComponent(number)}`, order);
