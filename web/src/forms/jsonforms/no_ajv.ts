/**
 * Stands where JSON Forms imports Ajv.
 *
 * Ajv compiles schemas with `new Function`, which our Content-Security-Policy forbids, and takes a tenth of a
 * second for a 200-entry choice. JSON Forms is always given the validator of `rule_validator.ts`; whoever gives
 * it none gets this one, which refuses instead of calling everything valid.
 */
export default function NoAjv(): never {
  throw new Error("Ajv is not part of this client: hand JSON Forms the validator of src/forms.");
}
