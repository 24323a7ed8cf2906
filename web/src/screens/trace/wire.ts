/** What the server tells about a trace (api/trace.py). */
import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  decimal,
  integer,
  nullable,
  object,
  type Of,
  oneOf,
  string,
  text,
} from "../../api/shapes.ts";
import { lying } from "../stock/places.tsx";

const lotFields = {
  lot_id: string,
  lot_number: string,
  origin: string,
  item_number: string,
  item_names: text,
  supplier: nullable(text),
  supplier_lot: nullable(string),
  unit: string,
} as const;
const lot = object(lotFields);
export type TracedLot = Of<typeof lot>;

const step = object({
  ...lotFields,
  depth: integer,
  via: nullable(string),
  amount: nullable(decimal),
  amount_unit: nullable(string),
  instead_of: nullable(object({ item_number: string, change: nullable(string) })),
  on_hold: boolean,
  stock: array(lying),
});
export type Step = Of<typeof step>;

const sent = object({
  consignee: string,
  name: string,
  country: string,
  lot_id: string,
  lot_number: string,
  quantity: decimal,
  unit: string,
  shipments: integer,
  last_shipped_at: string,
});
export type Sent = Of<typeof sent>;

const trace = object({
  direction: oneOf("forward", "backward"),
  lot,
  total: integer,
  lots: array(step),
  consignees: array(sent),
});
export type Trace = Of<typeof trace>;
export type Direction = Trace["direction"];

const balance = object({
  unit: string,
  received: decimal,
  produced: decimal,
  from_lots: decimal,
  counted_up: decimal,
  on_hand: decimal,
  issued: decimal,
  to_lots: decimal,
  shipped: decimal,
  scrapped: decimal,
  destroyed: decimal,
  returned_to_supplier: decimal,
  sampled: decimal,
  counted_down: decimal,
  unexplained: decimal,
});
export type Balance = Of<typeof balance>;

const found = object({ items: array(lot), more: boolean });

export const findByLabel = (label: string) =>
  request(`/api/ledger/lots/by-label?text=${encodeURIComponent(label)}`, found);

export const getTrace = (lotId: string, direction: Direction) =>
  request(`/api/ledger/lots/${encodeURIComponent(lotId)}/trace?direction=${direction}`, trace);

export const getBalance = (lotId: string) =>
  request(`/api/ledger/lots/${encodeURIComponent(lotId)}/mass-balance`, balance);

/** The lots in the order of a tree: each below the one it was reached by. */
export function asTree(steps: readonly Step[]): readonly Step[] {
  const below = new Map<string | null, Step[]>();
  for (const each of steps) {
    const siblings = below.get(each.via);
    if (siblings) siblings.push(each);
    else below.set(each.via, [each]);
  }
  const ordered: Step[] = [];
  const waiting = [...(below.get(null) ?? [])].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    ordered.push(next);
    waiting.push(...[...(below.get(next.lot_id) ?? [])].reverse());
  }
  return ordered;
}
