/**
 * Which fields are there and what they hold: visibility rules and computed values, each decided after all that
 * it depends on. As forms/deciding.py, with one difference: on the screen (`onScreen`) an answer that does not
 * count any more, because its field was hidden, disabled or computed, is left out instead of refused. The
 * person changed something elsewhere; the answer comes back when they change it back.
 */
import { Decimal } from "../feel/decimal.ts";

import { holds } from "./conditions.ts";
import { expressionIn, isExpression, resultOf, scopeAt, type Tree } from "./evaluation.ts";
import { type Answer, asWords, isObject, type Json, type Schema, Wrong } from "./fields/base.ts";
import { filledBy } from "./fields/barcode.ts";
import { saidBy } from "./fields/entry.ts";
import type { Field, FormModel } from "./model.ts";
import {
  addsRow,
  beside,
  inSameRow,
  instances,
  parsePointer,
  type Path,
  pointer,
  templatePointer,
} from "./pointers.ts";
import type { Rule } from "./rules.ts";
import type { Params } from "./texts.ts";
import { type Finding, noted, propertiesOf, type Submission } from "./submission.ts";

/** Circumstances of an examination: the case, the time, and whether a person is still at it. */
export interface Circumstances {
  readonly context: Readonly<Record<string, unknown>>;
  /** ISO moment. */
  readonly now: string;
  readonly onScreen: boolean;
}

type Place = Pick<Finding, "path" | "template">;

/** A submission as far as it is decided. Everything by pointer. */
export interface Decided extends Circumstances {
  readonly form: FormModel;
  readonly submission: Submission;
  /** What expressions see: every field, null without an answer. */
  readonly values: Tree;
  readonly rows: Map<string, number>;
  /** Those that stand. */
  readonly answers: Map<string, Answer>;
  readonly wrong: Map<string, Finding>;
  /** Fields of which nothing can be said, because they depend on a wrong one, near or far. */
  readonly unsure: Place[];
  readonly visible: Set<string>;
  readonly disabled: Set<string>;
  /** What `x-rows` of a table gave. */
  readonly sources: Map<string, unknown>;
}

/** Decide all fields, in the order of their dependencies. */
export function decide(form: FormModel, circumstances: Circumstances, submission: Submission): Decided {
  const rows = new Map(submission.rows);
  const decided: Decided = {
    ...circumstances,
    form,
    submission,
    values: blank(form, form.schema, [], rows),
    rows,
    answers: new Map(),
    wrong: new Map(submission.wrong),
    unsure: [],
    visible: new Set(),
    disabled: new Set(),
    sources: new Map(),
  };
  for (const field of form.order) {
    for (const path of instances(field.path, decided.rows)) decideField(decided, field, path);
  }
  return decided;
}

/** Note what is wrong with the value at `path`. */
export function refuse(decided: Decided, path: Path, code: string, params: Params = {}): void {
  decided.wrong.set(pointer(path), noted(path, { code, params }));
}

/** The result of FEEL where `path` lies, as plain JSON with Decimals. */
export function evaluateAt(decided: Decided, expression: string, path: Path): unknown {
  const scope = scopeAt(path, decided.context, decided.values, decided.sources);
  return resultOf(decided.form.expressions[expression], scope, decided.now);
}

/** What a keyword says, worked out if it is FEEL; null when it is absent. */
export function settingAt(decided: Decided, schema: Schema, keyword: string, path: Path): unknown {
  const said = schema[keyword];
  return isExpression(said) ? evaluateAt(decided, expressionIn(said), path) : (said ?? null);
}

/** Whether something that `path` depends on is wrong, so that nothing can be said of it. */
export function touched(decided: Decided, needs: ReadonlySet<string>, path: Path): boolean {
  if (decided.wrong.size === 0 || needs.size === 0) return false;
  const concerns = (bad: Place): boolean => needs.has(bad.template) && inSameRow(bad.path, path);
  return decided.unsure.some(concerns) || Array.from(decided.wrong.values()).some(concerns);
}

function decideField(decided: Decided, field: Field, path: Path): void {
  const key = pointer(path);
  const { sent, answers } = decided.submission;
  const uncertain = touched(decided, field.needs, path);
  if (uncertain) decided.unsure.push({ path, template: pointer(field.path) });
  const { shown, enabled } = standing(decided, field, path);
  if (!shown) {
    forget(decided, path);
    if (sent.has(key) && !uncertain && !decided.onScreen) refuse(decided, path, "hidden_field");
    put(decided.values, path, field.isList ? [] : null);
    return;
  }
  decided.visible.add(key);
  if (!enabled) decided.disabled.add(key);
  const answer = answers.get(key);
  if (field.type.name === "entry") {
    sayHowEntered(decided, field, path);
  } else if (field.computed !== null) {
    decided.wrong.delete(key);
    if (!uncertain) compute(decided, field, field.computed, path);
  } else if (sent.has(key) && !enabled && !isDefault(decided, field, path)) {
    if (decided.onScreen) decided.wrong.delete(key);
    else if (!uncertain) refuse(decided, path, "disabled_field");
  } else if (answer !== undefined) {
    stand(decided, path, answer);
  } else if (field.required && enabled && !sent.has(key) && !uncertain) {
    refuse(decided, path, "required");
  }
  if ("x-rows" in field.schema) {
    decided.sources.set(key, settingAt(decided, field.schema, "x-rows", path));
  }
}

// The same object each time: a field whose value did not change is not drawn again.
const TYPED: Json = { how: "typed" };
const SCANNED: Json = { how: "scanned" };

/** Work out whether the field that this is about was scanned; nothing where it has no answer. */
function sayHowEntered(decided: Decided, field: Field, path: Path): void {
  const target = parsePointer(String(field.schema["x-of"]));
  const about = decided.answers.get(pointer(beside(target, path)));
  if (about === undefined || decided.wrong.has(pointer(path))) return;
  const said = asWords(about.beside?.["_match"] ?? about.record);
  const sent = decided.submission.answers.get(pointer(path))?.record;
  const raw = isObject(sent) ? sent["raw"] : undefined;
  let record: Json = TYPED;
  if (isFilledByScan(decided, templatePointer(target), path, said)) record = SCANNED;
  else if (typeof raw === "string" && saidBy(raw, said, decided.now)) record = { how: "scanned", raw };
  stand(decided, path, { record, value: record });
}

/**
 * Whether a barcode field that was answered fills `target`, which says `said` where `path` lies. It then says the
 * same: what differs from the scan is refused. Of the rows that a barcode outside their table adds, one for each
 * scan, only the one that says the same is of this scan.
 */
function isFilledByScan(decided: Decided, target: string, path: Path, said: string): boolean {
  return decided.form.fields.some((field) => {
    const fills = field.schema["x-fills"];
    if (!isObject(fills)) return false;
    const scan = decided.answers.get(pointer(beside(field.path, path)))?.record;
    const elements = isObject(scan) ? scan["elements"] : undefined;
    return (
      isObject(elements) &&
      Object.entries(fills).some(
        ([element, at]) =>
          String(at) === target &&
          element in elements &&
          (!addsRow(parsePointer(target), field.path) || filledBy(elements[element]) === said),
      )
    );
  });
}

/** Drop what was found in a field that is not there, and in its rows if it is a table. */
function forget(decided: Decided, path: Path): void {
  const key = pointer(path);
  decided.rows.delete(key);
  for (const bad of decided.wrong.keys()) {
    if (bad === key || bad.startsWith(`${key}/`)) decided.wrong.delete(bad);
  }
}

interface Standing {
  readonly shown: boolean;
  readonly enabled: boolean;
}

/** Whether a field is shown by any of its controls, and whether it may be filled in there. */
function standing(decided: Decided, field: Field, path: Path): Standing {
  if (field.controls.length === 0) return { shown: true, enabled: true };
  const each = field.controls.map((rules) => standingBy(rules, decided, path));
  return {
    shown: each.some((one) => one.shown),
    enabled: each.some((one) => one.shown && one.enabled),
  };
}

/** What rules that lie around one element come to. */
export function standingBy(rules: readonly Rule[], decided: Decided, path: Path): Standing {
  let shown = true;
  let enabled = true;
  for (const { effect, condition } of rules) {
    const met = holds(condition, decided, path);
    if (effect === "SHOW" || effect === "HIDE") shown &&= met === (effect === "SHOW");
    else enabled &&= met === (effect === "ENABLE");
  }
  return { shown, enabled };
}

function isDefault(decided: Decided, field: Field, path: Path): boolean {
  if (!("x-default" in field.schema)) return false;
  return defaultAt(decided, field, path) === decided.submission.sent.get(pointer(path));
}

/** The field's default as its JSON; undefined when there is none or it does not fit. */
export function defaultAt(decided: Decided, field: Field, path: Path): Json | undefined {
  const value = settingAt(decided, field.schema, "x-default", path);
  try {
    return field.type.compute(value, field.schema);
  } catch (error) {
    if (error instanceof Wrong) return undefined;
    throw error;
  }
}

/** Work out a computed value, and compare it with what was sent for it, if anything was. */
function compute(decided: Decided, field: Field, expression: string, path: Path): void {
  const result = evaluateAt(decided, expression, path);
  const isSent = decided.submission.sent.has(pointer(path)) && !decided.onScreen;
  if (result === null) {
    if (isSent) refuse(decided, path, "computed_differs", { expected: "—" });
    else if (field.required) refuse(decided, path, "not_computed");
    return;
  }
  let answer: Answer;
  try {
    answer = field.type.read(field.type.compute(result, field.schema), field.schema, decided.now);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    refuse(decided, path, "computed_unfit");
    return;
  }
  if (isSent && !isSame(decided.submission.answers.get(pointer(path)), answer)) {
    refuse(decided, path, "computed_differs", { expected: shownValue(answer.record) });
    return;
  }
  stand(decided, path, answer);
}

function isSame(theirs: Answer | undefined, ours: Answer): boolean {
  return theirs !== undefined && valuesAreSame(theirs.value, ours.value);
}

function valuesAreSame(left: unknown, right: unknown): boolean {
  if (Decimal.isDecimal(left) && Decimal.isDecimal(right)) return left.equals(right);
  return left === right;
}

/** A recorded value in a sentence. */
export function shownValue(record: unknown): string {
  return record === null || record === undefined ? "—" : asWords(record);
}

function stand(decided: Decided, path: Path, answer: Answer): void {
  const key = pointer(path);
  decided.answers.set(key, answer);
  if (decided.rows.has(key)) return; // a table's rows are in the tree already, and stand one by one
  put(decided.values, path, answer.value);
  for (const [suffix, value] of Object.entries(answer.beside ?? {})) {
    put(decided.values, [...path.slice(0, -1), `${String(path.at(-1))}${suffix}`], value);
  }
}

function put(values: Tree, path: Path, value: unknown): void {
  let inner: Record<string | number, unknown> = values;
  for (const step of path.slice(0, -1)) inner = inner[step] as Record<string | number, unknown>;
  inner[path.at(-1) ?? ""] = value;
}

/** The tree of all fields without any answer, tables with as many rows as were entered. */
function blank(form: FormModel, schema: Schema, path: Path, rows: ReadonlyMap<string, number>): Tree {
  const tree: Tree = {};
  for (const [name, member] of Object.entries(propertiesOf(schema))) {
    const here = [...path, name];
    const field = form.byTemplate.get(templatePointer(here));
    if (field === undefined) {
      tree[name] = blank(form, member, here, rows);
    } else if (field.type.name === "table") {
      const items = member["items"] as Schema;
      const count = rows.get(pointer(here)) ?? 0;
      tree[name] = Array.from({ length: count }, (_, row) => blank(form, items, [...here, row], rows));
    } else {
      tree[name] = field.isList ? [] : null;
      for (const suffix of field.type.beside ?? []) tree[name + suffix] = null;
    }
  }
  return tree;
}
