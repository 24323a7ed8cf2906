/** The registers: each a screen of its own, loaded when it is opened; the first load knows only this file. */
import type { ReactNode } from "react";
import { Route, Switch } from "wouter";

import { screen } from "../../ahead.tsx";
import { NotFound } from "../not_found.tsx";

const Registers = screen(() => import("./registers.tsx"));
const FieldActions = screen(() => import("../field_actions/field_actions.tsx"));
const Board = screen(() => import("../field_actions/board.tsx"));
const PurchaseOrders = screen(() => import("../purchase_orders/purchase_orders.tsx"));
const PurchaseOrder = screen(() => import("../purchase_orders/purchase_order.tsx"));
const Changes = screen(() => import("../changes/changes.tsx"));
const Change = screen(() => import("../changes/change.tsx"));
const Findings = screen(() => import("../changes/findings.tsx"));
const Nonconformities = screen(() => import("../nonconformities/nonconformities.tsx"));
const Nonconformity = screen(() => import("../nonconformities/nonconformity.tsx"));
const Incidents = screen(() => import("../incidents/incidents.tsx"));
const Kpis = screen(() => import("../kpis/kpis.tsx"));
const Trace = screen(() => import("../trace/trace.tsx"));

export default function Routes(): ReactNode {
  return (
    <Switch>
      <Route path="/registers">{() => <Registers />}</Route>
      <Route path="/registers/trace">{() => <Trace lotId={null} />}</Route>
      <Route path="/registers/trace/:id">{({ id }) => <Trace key={id} lotId={id} />}</Route>
      <Route path="/registers/field-actions">{() => <FieldActions />}</Route>
      <Route path="/registers/field-actions/:number">
        {({ number }) => <Board key={number} number={decodeURIComponent(number)} />}
      </Route>
      <Route path="/registers/purchase-orders">{() => <PurchaseOrders />}</Route>
      <Route path="/registers/purchase-orders/:number">
        {({ number }) => <PurchaseOrder key={number} number={decodeURIComponent(number)} />}
      </Route>
      <Route path="/registers/changes">{() => <Changes />}</Route>
      <Route path="/registers/changes/:number">
        {({ number }) => <Change key={number} number={decodeURIComponent(number)} />}
      </Route>
      <Route path="/registers/nonconformities">{() => <Nonconformities />}</Route>
      <Route path="/registers/nonconformities/:number">
        {({ number }) => <Nonconformity key={number} number={decodeURIComponent(number)} />}
      </Route>
      <Route path="/registers/kpis">{() => <Kpis />}</Route>
      <Route path="/registers/findings">{() => <Findings />}</Route>
      <Route path="/registers/incidents">{() => <Incidents />}</Route>
      <Route>{() => <NotFound />}</Route>
    </Switch>
  );
}
