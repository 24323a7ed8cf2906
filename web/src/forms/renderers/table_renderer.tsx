/** A table of readings; how it is drawn is fetched when a form has one. */
import { lazy, type ReactNode, Suspense } from "react";

import { useFieldState } from "../form_context.tsx";
import { parseScope, pointer } from "../pointers.ts";
import { type RendererProps, rowOf } from "./placed.ts";

const Table = lazy(() => import("./table.tsx"));

export function TableRenderer({ uischema, path }: RendererProps): ReactNode {
  const state = useFieldState(pointer([...rowOf(path), ...(parseScope(uischema.scope ?? "") ?? [])]));
  if (state === undefined) return null;
  return (
    <Suspense fallback={<div className="form-table" aria-busy="true" />}>
      <Table state={state} uischema={uischema} />
    </Suspense>
  );
}
