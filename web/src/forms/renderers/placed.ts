/** Where an element of the layout stands: at the top of the form, or in a row of a table. */
import type { OwnPropsOfRenderer } from "@jsonforms/core";

import type { UiElement } from "../model.ts";
import { parsePath, type Path } from "../pointers.ts";

/** What JSON Forms hands to a renderer. */
export type RendererProps = Required<Pick<OwnPropsOfRenderer, "schema">> &
  Omit<OwnPropsOfRenderer, "uischema"> & { readonly uischema: UiElement };

/** The row an element lies in, of JSON Forms' path ("readings.0"); [] at the top. */
export function rowOf(path: string | undefined): Path {
  return path === undefined || path === "" ? [] : parsePath(`/${path.replaceAll(".", "/")}`);
}
