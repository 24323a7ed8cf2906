/** The registers: each a screen of its own, loaded when it is opened; the first load knows only this file. */
import type { ReactNode } from "react";
import { Route, Switch } from "wouter";

import { screen } from "../../ahead.tsx";
import { NotFound } from "../not_found.tsx";

const Registers = screen(() => import("./registers.tsx"));
const FieldActions = screen(() => import("../field_actions/field_actions.tsx"));
const Board = screen(() => import("../field_actions/board.tsx"));
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
      <Route>{() => <NotFound />}</Route>
    </Switch>
  );
}
