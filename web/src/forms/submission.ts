/** What was entered, sorted by field: answers read one by one, unknown names refused. */
import { type Answer, isObject, type Json, type Schema, Wrong } from "./fields/base.ts";
import { type FieldError, finding } from "./findings.ts";
import { shownName } from "./hygiene.ts";
import type { FormModel } from "./model.ts";
import { type Path, pointer, templatePointer } from "./pointers.ts";

/** Everything by pointer; `strays` are findings about things that are no fields. */
export interface Submission {
  readonly sent: Map<string, Json>;
  readonly answers: Map<string, Answer>;
  readonly wrong: Map<string, Finding>;
  /** Number of rows sent for each table. */
  readonly rows: Map<string, number>;
  readonly strays: FieldError[];
}

/** What is wrong with the value at a path. */
export interface Finding {
  readonly path: Path;
  readonly template: string;
  readonly error: FieldError;
}

export function noted(path: Path, wrong: Pick<Wrong, "code" | "params">): Finding {
  return { path, template: templatePointer(path), error: finding(path, wrong.code, wrong.params) };
}

/** Read all that was entered, each answer by itself. */
export function readSubmission(
  form: FormModel,
  data: Readonly<Record<string, unknown>>,
  now: string,
): Submission {
  const submission: Submission = {
    sent: new Map(),
    answers: new Map(),
    wrong: new Map(),
    rows: new Map(),
    strays: [],
  };
  readObject(submission, form, form.schema, data, [], now);
  return submission;
}

function readObject(
  submission: Submission,
  form: FormModel,
  schema: Schema,
  data: Readonly<Record<string, unknown>>,
  path: Path,
  now: string,
): void {
  const properties = propertiesOf(schema);
  for (const [name, value] of Object.entries(data)) {
    const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (member === undefined) {
      const stray = finding([...path, name.slice(0, 200)], "unknown_field", { field: shownName(name) });
      submission.strays.push(stray);
    } else if (!isEmpty(value)) {
      readMember(submission, form, member, value as Json, [...path, name], now);
    }
  }
}

function readMember(
  submission: Submission,
  form: FormModel,
  schema: Schema,
  value: Json,
  path: Path,
  now: string,
): void {
  const key = pointer(path);
  const known = form.byTemplate.get(templatePointer(path));
  if (known === undefined) {
    if (isObject(value)) readObject(submission, form, schema, value, path, now);
    else submission.strays.push(finding(path, "object_expected", {}));
    return;
  }
  submission.sent.set(key, value);
  try {
    submission.answers.set(key, known.type.read(value, known.schema, now));
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    submission.wrong.set(key, noted(path, error));
    return;
  }
  if (known.type.name !== "table") return;
  const rows = value as readonly Json[];
  submission.rows.set(key, rows.length);
  rows.forEach((row, index) => {
    const at = [...path, index];
    if (isObject(row)) readObject(submission, form, schema["items"] as Schema, row, at, now);
    else if (row !== null) submission.strays.push(finding(at, "object_expected", {}));
  });
}

/** Null, "" and [] are no answer. */
export function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

export function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
}
