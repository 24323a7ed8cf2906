/**
 * What the screen shows of a form that is being filled in: after each change the whole form is examined, and
 * every field gets a state. A field whose state did not change keeps the same object, so that it is not drawn
 * again: that is what keeps a key press cheap.
 */
import { Decimal } from "../feel/decimal.ts";

import { type Circumstances, type Decided, defaultAt, settingAt } from "./deciding.ts";
import { asWords, isObject, type Json, type Schema, Wrong } from "./fields/base.ts";
import { listed } from "./fields/choices.ts";
import { countLimit } from "./fields/count.ts";
import { dateLimit } from "./fields/date.ts";
import { limitOf } from "./fields/limits.ts";
import { type NumericLimit, numericLimit } from "./fields/quantity.ts";
import { rowCount } from "./fields/table.ts";
import type { FieldError } from "./findings.ts";
import { fpSet, isEqual } from "./jsonforms/lodash.ts";
import type { Field, FormModel } from "./model.ts";
import { instances, type Path, pointer, valueAt } from "./pointers.ts";
import { isEmpty } from "./submission.ts";
import type { Text } from "./texts.ts";
import { examine, type Outcome } from "./validation.ts";

export type FormData = Readonly<Record<string, unknown>>;

/** What the form file says beside a field, worked out for the case at hand. */
export interface Surroundings {
  readonly unit: Text | null;
  /** Limits as texts, "" where there is none. */
  readonly low: string;
  readonly high: string;
  readonly choices: readonly { readonly value: string; readonly label: Text }[];
  /** How many rows a table must have; null when the person decides. */
  readonly rows: number | null;
}

export interface FieldState {
  readonly key: string;
  readonly path: Path;
  readonly field: Field;
  readonly value: Json | undefined;
  readonly enabled: boolean;
  readonly surroundings: Surroundings;
  readonly errors: readonly FieldError[];
  readonly notice: FieldError | null;
}

export interface Screen {
  readonly data: FormData;
  readonly outcome: Outcome;
  /** By pointer: the fields that are there. */
  readonly states: ReadonlyMap<string, FieldState>;
}

/** The screen for `data`. Tables are brought to the number of rows that they must have. */
export function nextScreen(
  model: FormModel,
  circumstances: Circumstances,
  data: FormData,
  previous: Screen | null,
): Screen {
  let fitted = data;
  let outcome = examine(model, fitted, circumstances);
  // A table's rows may decide the rows of another: a few rounds are enough for any sensible form.
  for (let round = 0; round < 3 && outcome.decided !== null; round += 1) {
    const wanted = withRows(outcome.decided, fitted);
    if (wanted === fitted) break;
    fitted = wanted;
    outcome = examine(model, fitted, circumstances);
  }
  return { data: fitted, outcome, states: statesOf(outcome, fitted, previous) };
}

/** Data of a form that nobody has touched: what `x-default` says, where nothing is entered yet. */
export function withDefaults(model: FormModel, circumstances: Circumstances, data: FormData): FormData {
  let filled = data;
  const defaults = model.fields.filter(({ schema, computed }) => "x-default" in schema && computed === null);
  // A default may depend on another one.
  for (let round = 0; round < 3 && defaults.length > 0; round += 1) {
    const { decided } = examine(model, filled, circumstances);
    if (decided === null) return filled;
    const before = filled;
    for (const field of defaults) {
      for (const path of instances(field.path, decided.rows)) {
        if (!decided.visible.has(pointer(path)) || !isEmpty(valueAt(filled, path))) continue;
        const value = defaultAt(decided, field, path);
        if (!isEmpty(value)) filled = fpSet(path.map(String), value, filled) as FormData;
      }
    }
    if (filled === before) return filled;
  }
  return filled;
}

function withRows(decided: Decided, data: FormData): FormData {
  let fitted = data;
  for (const field of decided.form.fields) {
    const key = pointer(field.path);
    if (field.type.name !== "table" || !decided.visible.has(key)) continue;
    const rows = (valueAt(fitted, field.path) ?? []) as readonly Json[];
    if (!Array.isArray(rows)) continue;
    const wanted = fittedRows(rows, wantedRows(decided, field), field);
    if (wanted.length !== rows.length) fitted = fpSet(field.path, wanted, fitted) as FormData;
  }
  return fitted;
}

/** The number of rows that the form asks for; null when it leaves that to the person. */
function wantedRows(decided: Decided, field: Field): number | null {
  if (!("x-rows" in field.schema)) return null;
  try {
    return rowCount(decided.sources.get(pointer(field.path)));
  } catch (error) {
    if (error instanceof Wrong) return null;
    throw error;
  }
}

function fittedRows(rows: readonly Json[], wanted: number | null, field: Field): readonly Json[] {
  const most = Number(field.schema["maxItems"] ?? 1000);
  const target = Math.min(wanted ?? rowsToShow(rows, field), most);
  const fitted = rows.slice();
  while (fitted.length < target) fitted.push({});
  // Rows that hold something are never dropped: the person is told that there are too many.
  while (fitted.length > target && isBlankRow(fitted.at(-1))) fitted.pop();
  return fitted;
}

/** A table that may be left out has no rows until the person adds some; then as many as it needs at least. */
function rowsToShow(rows: readonly Json[], field: Field): number {
  const least = leastRows(field);
  const isLeftOut = !field.required && (rows.length === 0 || (rows.length < least && rows.every(isBlankRow)));
  return isLeftOut ? 0 : Math.max(least, rows.length);
}

/** How many rows a table has that has any. */
export function leastRows(field: Field): number {
  return Math.max(1, Number(field.schema["minItems"] ?? 0));
}

function isBlankRow(row: unknown): boolean {
  return !isObject(row) || Object.values(row).every(isEmpty);
}

function statesOf(outcome: Outcome, data: FormData, previous: Screen | null): Screen["states"] {
  const states = new Map<string, FieldState>();
  const { decided } = outcome;
  if (decided === null) return states;
  const errors = byPath(outcome.errors);
  const notices = new Map(outcome.notices.map((notice) => [notice.path, notice]));
  for (const field of decided.form.fields) {
    for (const path of instances(field.path, decided.rows)) {
      const key = pointer(path);
      if (!decided.visible.has(key)) continue;
      const before = previous?.states.get(key);
      const entered = valueAt(data, path) as Json | undefined;
      const state: FieldState = {
        key,
        path,
        field,
        value: field.isFixed ? decided.answers.get(key)?.record : entered,
        enabled: !decided.disabled.has(key),
        surroundings: surroundingsOf(decided, field, path, before?.surroundings),
        errors: errors.get(key) ?? [],
        notice: notices.get(key) ?? null,
      };
      states.set(key, before !== undefined && isSameState(before, state) ? before : state);
    }
  }
  return states;
}

/** Findings by the pointer they are about. */
export function byPath(findings: readonly FieldError[]): Map<string, FieldError[]> {
  const sorted = new Map<string, FieldError[]>();
  for (const found of findings) {
    const others = sorted.get(found.path);
    if (others === undefined) sorted.set(found.path, [found]);
    else others.push(found);
  }
  return sorted;
}

function isSameState(before: FieldState, after: FieldState): boolean {
  return (
    before.value === after.value &&
    before.enabled === after.enabled &&
    before.surroundings === after.surroundings &&
    isEqual(before.notice, after.notice) &&
    isEqual(before.errors, after.errors)
  );
}

function surroundingsOf(
  decided: Decided,
  field: Field,
  path: Path,
  before: Surroundings | undefined,
): Surroundings {
  // What looks at no field cannot have changed.
  if (before !== undefined && field.judgedBy.size === 0) return before;
  const setting = (keyword: string): unknown => settingAt(decided, field.schema, keyword, path);
  const after: Surroundings = {
    unit: asText(setting("x-unit")),
    low: limitText(field, "x-minimum", setting),
    high: limitText(field, "x-maximum", setting),
    choices: choicesOf(field.schema, setting),
    rows: field.type.name === "table" ? wantedRows(decided, field) : null,
  };
  return before !== undefined && isEqual(before, after) ? before : after;
}

function limitText(field: Field, keyword: string, setting: (keyword: string) => unknown): string {
  try {
    switch (field.type.name) {
      case "quantity":
        return withDecimals(numericLimit(keyword, field.schema, setting), setting("x-decimals"));
      case "count":
        return String(countLimit(keyword, field.schema, setting) ?? "");
      case "date":
        return dateLimit(keyword, field.schema, setting) ?? "";
      case "date_time":
        // That nothing lies in the future goes without saying, and would be old in a second.
        if (asWords(field.schema[keyword]).includes("now(")) return "";
        return asWords(limitOf(keyword, field.schema, setting) ?? "");
      default:
        return "";
    }
  } catch (error) {
    if (error instanceof Wrong) return ""; // said at the answer, not before
    throw error;
  }
}

/** A limit with as many decimals as are measured: 9.90 mm, not 9.9 mm. */
function withDecimals(limit: NumericLimit | null, decimals: unknown): string {
  if (limit === null) return "";
  const wanted = Decimal.isDecimal(decimals) ? decimals.toNumber() : Number(decimals ?? 0);
  return wanted > limit.number.decimalPlaces() ? limit.number.toFixed(wanted) : limit.text;
}

function choicesOf(schema: Schema, setting: (keyword: string) => unknown): Surroundings["choices"] {
  const values = schema["enum"] ?? listed(schema);
  const labels = schema["x-labels"];
  if (Array.isArray(values)) {
    return (values as readonly string[]).map((value) => ({
      value,
      label: asText(isObject(labels) ? labels[value] : null) ?? plainText(value),
    }));
  }
  const offered = "x-choices" in schema ? setting("x-choices") : null;
  if (!Array.isArray(offered)) return [];
  return offered.map((one: unknown) => {
    const value = String(isObject(one) ? one["value"] : one);
    return { value, label: asText(isObject(one) ? one["label"] : null) ?? plainText(value) };
  });
}

/** A text in both languages, whatever way it was given; null when there is none. */
export function asText(value: unknown): Text | null {
  if (typeof value === "string" && value !== "") return plainText(value);
  if (isObject(value) && typeof value["en"] === "string") {
    return { en: value["en"], zh: typeof value["zh"] === "string" ? value["zh"] : value["en"] };
  }
  return null;
}

function plainText(text: string): Text {
  return { en: text, zh: text };
}
