/**
 * Stands where JSON Forms imports Ajv.
 *
 * Ajv compiles schemas with `new Function`, which our Content-Security-Policy forbids, and takes a tenth of a
 * second for a 200-entry choice. Our forms are validated by src/forms (with @cfworker/json-schema); whoever hands
 * JSON Forms no validator of its own gets this one, which says so instead of calling everything valid.
 */
const REFUSAL = "Ajv is not part of this client: hand JSON Forms the validator of src/forms.";

export default class Ajv {
  readonly errors: readonly unknown[] = [];

  addFormat(): this {
    return this;
  }

  addKeyword(): this {
    return this;
  }

  compile(): never {
    throw new Error(REFUSAL);
  }

  validate(): never {
    throw new Error(REFUSAL);
  }
}
