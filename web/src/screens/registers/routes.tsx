/** The registers: each a screen of its own, loaded when it is opened; the first load knows only this file. */
import { lazy, type ReactNode } from "react";
import { Route, Switch } from "wouter";

import { NotFound } from "../not_found.tsx";

const Registers = lazy(() => import("./registers.tsx"));
const FieldActions = lazy(() => import("../field_actions/field_actions.tsx"));
const Board = lazy(() => import("../field_actions/board.tsx"));
const Trace = lazy(() => import("../trace/trace.tsx"));

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
      <Route>{() => <NotFound />}</Route>
    </Switch>
  );
}
