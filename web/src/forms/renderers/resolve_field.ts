/** The schema of the field that a control shows. */
import type { JsonSchema, UISchemaElement } from "@jsonforms/core";

import type { Schema } from "../fields/base.ts";
import { parseScope } from "../pointers.ts";
import { propertiesOf } from "../submission.ts";

export function resolveField(element: UISchemaElement, schema: JsonSchema): Schema | undefined {
  const { scope } = element as { scope?: string };
  let found: Schema | undefined = schema as Schema;
  for (const name of parseScope(scope ?? "#") ?? []) {
    if (found === undefined) return undefined;
    found = propertiesOf(found)[name];
  }
  return found;
}
