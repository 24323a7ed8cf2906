/**
 * Submitted data against a form: accepted whole, or one sentence for each field. In the order of
 * forms/validation.py: size and depth; unknown fields; each answer by itself; visibility rules and computed
 * values; limits, choices, files; checks across fields; the JSON Schema itself, as a second pair of eyes.
 */
import { type Circumstances, type Decided, decide } from "./deciding.ts";
import { isObject, type Json, type Schema, Wrong } from "./fields/base.ts";
import { type FieldError, finding } from "./findings.ts";
import { requireReasonable } from "./hygiene.ts";
import { judgeFields, runChecks } from "./judging.ts";
import type { FormModel } from "./model.ts";
import { instances, type Path, pointer, templatePointer } from "./pointers.ts";
import { secondOpinion } from "./second_opinion.ts";
import { propertiesOf, readSubmission } from "./submission.ts";

export type FormRecord = Readonly<Record<string, Json>>;

/** All there is to say about submitted data; `record` is what is signed and stored, null when refused. */
export interface Outcome {
  readonly errors: readonly FieldError[];
  readonly notices: readonly FieldError[];
  readonly record: FormRecord | null;
  /** Null when the data is no form's at all. */
  readonly decided: Decided | null;
}

/** Examine data from one end to the other. */
export function examine(form: FormModel, data: unknown, circumstances: Circumstances): Outcome {
  if (!isObject(data)) return refusedWhole(finding([], "not_an_object", {}));
  try {
    requireReasonable(data);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return refusedWhole(finding([], error.code, error.params));
  }
  const submission = readSubmission(form, data, circumstances.now);
  const decided = decide(form, circumstances, submission);
  const notices = judgeFields(decided);
  const failed = runChecks(decided);
  let errors: readonly FieldError[] = [...submission.strays, ...inOrder(decided), ...failed];
  let record: FormRecord | null = null;
  if (errors.length === 0) {
    record = recordOf(decided, form.schema, []);
    errors = secondOpinion(form.schema, record);
  }
  return { errors, notices, record: errors.length === 0 ? record : null, decided };
}

function refusedWhole(error: FieldError): Outcome {
  return { errors: [error], notices: [], record: null, decided: null };
}

function inOrder(decided: Decided): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of decided.form.fields) {
    for (const path of instances(field.path, decided.submission.rows)) {
      const found = decided.wrong.get(pointer(path));
      if (found !== undefined) errors.push(found.error);
    }
  }
  return errors;
}

/** The pointers of the fields that are there, in the order of the form. */
export function visibleFields(decided: Decided): string[] {
  return decided.form.fields
    .flatMap((field) => instances(field.path, decided.rows).map(pointer))
    .filter((key) => decided.visible.has(key));
}

function recordOf(decided: Decided, schema: Schema, path: Path): FormRecord {
  const record: Record<string, Json> = {};
  for (const [name, member] of Object.entries(propertiesOf(schema))) {
    const here = [...path, name];
    const key = pointer(here);
    const field = decided.form.byTemplate.get(templatePointer(here));
    if (field === undefined) {
      const inner = recordOf(decided, member, here);
      if (Object.keys(inner).length > 0) record[name] = inner;
    } else if (field.type.name === "table") {
      const count = decided.rows.get(key) ?? 0;
      const items = member["items"] as Schema;
      if (count > 0) {
        record[name] = Array.from({ length: count }, (_, row) => recordOf(decided, items, [...here, row]));
      }
    } else {
      const answer = decided.answers.get(key);
      if (answer !== undefined) record[name] = answer.record;
    }
  }
  return record;
}
