/** A table of readings, where the form's field is one. */
import type { ReactNode } from "react";

import { useFieldState } from "../form_context.tsx";
import { parseScope, pointer } from "../pointers.ts";
import { type RendererProps, rowOf } from "./placed.ts";
import Table from "./table.tsx";

export function TableRenderer({ uischema, path }: RendererProps): ReactNode {
  const state = useFieldState(pointer([...rowOf(path), ...(parseScope(uischema.scope ?? "") ?? [])]));
  if (state === undefined) return null;
  return <Table state={state} uischema={uischema} />;
}
