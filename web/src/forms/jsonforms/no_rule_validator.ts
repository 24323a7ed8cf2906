/**
 * JSON Forms wants an Ajv for rules and validation; it gets neither from us. Rules, limits and checks are decided
 * by our own runtime (../validation.ts), the same on the server, so this must never be asked anything.
 */
import type { JsonFormsCore } from "@jsonforms/core";

const refuse = (): never => {
  throw new Error("JSON Forms validates nothing here; see src/forms/validation.ts.");
};

export const noRuleValidator = { compile: refuse, validate: refuse } as unknown as NonNullable<
  JsonFormsCore["ajv"]
>;
