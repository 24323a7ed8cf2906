/** Our renderers by the type of element, as JSON Forms looks them up. Its own are never shipped. */
import type { JsonFormsRendererRegistryEntry, JsonSchema, UISchemaElement } from "@jsonforms/core";
import type { ComponentType } from "react";

import { resolveField } from "./resolve_field.ts";
import { ControlRenderer } from "./control.tsx";
import {
  DisplayRenderer,
  GroupRenderer,
  HorizontalRenderer,
  LabelRenderer,
  VerticalRenderer,
} from "./layouts.tsx";
import type { RendererProps } from "./placed.ts";
import { StepsRenderer } from "./steps.tsx";
import { TableRenderer } from "./table_renderer.tsx";

const BY_TYPE: Readonly<Record<string, ComponentType<RendererProps>>> = {
  Categorization: StepsRenderer,
  Category: GroupRenderer,
  Display: DisplayRenderer,
  Group: GroupRenderer,
  HorizontalLayout: HorizontalRenderer,
  Label: LabelRenderer,
  VerticalLayout: VerticalRenderer,
};

function byType(type: string): (element: UISchemaElement) => number {
  return (element) => (element.type === type ? 1 : -1);
}

function isTable(element: UISchemaElement, schema: JsonSchema): boolean {
  return element.type === "Control" && resolveField(element, schema)?.["x-field"] === "table";
}

export const RENDERERS: JsonFormsRendererRegistryEntry[] = [
  ...Object.entries(BY_TYPE).map(([type, renderer]) => ({ tester: byType(type), renderer })),
  { tester: byType("Control"), renderer: ControlRenderer },
  {
    tester: (element: UISchemaElement, schema: JsonSchema) => (isTable(element, schema) ? 2 : -1),
    renderer: TableRenderer,
  },
];
