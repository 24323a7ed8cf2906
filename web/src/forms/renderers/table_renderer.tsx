/** A table of readings; how it is drawn is fetched when a form has one. */
import type { ReactNode } from "react";

import { part } from "../../design/part.tsx";
import { useFieldState } from "../form_context.tsx";
import { parseScope, pointer } from "../pointers.ts";
import { type RendererProps, rowOf } from "./placed.ts";

const Table = part(
  async () => (await import("./table.tsx")).default,
  () => <div className="form-table" aria-busy="true" />,
);

export function TableRenderer({ uischema, path }: RendererProps): ReactNode {
  const state = useFieldState(pointer([...rowOf(path), ...(parseScope(uischema.scope ?? "") ?? [])]));
  if (state === undefined) return null;
  return <Table state={state} uischema={uischema} />;
}
