/** Where a scan belongs in a form, and what it changes there. */
import { filledBy } from "./fields/barcode.ts";
import { asWords, isObject, type Json } from "./fields/base.ts";
import { fpSet } from "./jsonforms/lodash.ts";
import type { Field } from "./model.ts";
import {
  addsRow,
  beside,
  inSameRow,
  parsePointer,
  type Path,
  pointer,
  type Template,
  templatePointer,
  valueAt,
} from "./pointers.ts";
import type { FieldState, FormData } from "./screen.ts";
import { isEmpty } from "./submission.ts";

export type ScanJson = Readonly<Record<string, Json>>;

export interface Filled {
  readonly path: Path;
  readonly value: Json;
}

/** The fields that a scan can go to, in the order of the form. */
function open(states: Iterable<FieldState>, type: string): FieldState[] {
  return Array.from(states).filter(
    (state) => state.field.type.name === type && state.enabled && state.field.computed === null,
  );
}

/**
 * The barcode field for a scan: the one with the focus; else the first without an answer that needs no more than
 * the scan holds; else the first that needs no more; else the first, whose message then says what is missing.
 */
export function barcodeFor(
  scan: ScanJson,
  states: ReadonlyMap<string, FieldState>,
  focused: string | null,
): FieldState | null {
  const fields = open(states.values(), "barcode");
  const own = fields.find((state) => state.key === focused);
  if (own !== undefined) return own;
  const fitting = fields.filter((state) => needsNoMore(state, scan));
  return fitting.find((state) => isEmpty(state.value)) ?? fitting[0] ?? fields[0] ?? null;
}

function needsNoMore(state: FieldState, scan: ScanJson): boolean {
  const needs = state.field.schema["x-needs"];
  const elements = scan["elements"];
  return !Array.isArray(needs) || (isObject(elements) && needs.every((need) => String(need) in elements));
}

/**
 * What the scan in a barcode field fills, itself included. A number of a unit goes into a table with a row for
 * each: the row that has it already, else the first without one, else a new row at the end.
 */
export function fillsOf(
  scan: ScanJson,
  target: FieldState,
  fields: readonly Field[],
  data: FormData,
): readonly Filled[] {
  const elements = scan["elements"];
  const fills = target.field.schema["x-fills"];
  const filled: Filled[] = [{ path: target.path, value: scan }];
  if (!isObject(fills) || !isObject(elements)) return filled;
  for (const [element, at] of Object.entries(fills)) {
    if (!(element in elements)) continue;
    const template = parsePointer(String(at));
    const value = filledBy(elements[element]);
    if (addsRow(template, target.path))
      filled.push(...rowOf(template, value, asWords(scan["raw"]), fields, data));
    else filled.push({ path: beside(template, target.path), value });
  }
  return filled;
}

function rowOf(
  template: Template,
  value: string,
  raw: string,
  fields: readonly Field[],
  data: FormData,
): readonly Filled[] {
  const star = template.indexOf("*");
  const rows = valueAt(data, template.slice(0, star));
  const said = (Array.isArray(rows) ? rows : []).map((row) => valueAt(row, template.slice(star + 1)) as Json);
  const place = [said.indexOf(value), said.findIndex(isEmpty), said.length].find((at) => at >= 0) ?? 0;
  const inRow = (path: Template): Path => path.map((step, at) => (at === star ? place : step));
  // The label holds the scan of the last unit only: each row keeps its own.
  const marks = fields.filter(({ schema }) => schema["x-of"] === pointer(template));
  return [
    { path: inRow(template), value },
    ...marks.map(({ path }) => ({ path: inRow(path), value: { how: "scanned", raw } })),
  ];
}

const ELEMENTS: Readonly<Record<string, string>> = { lot: "lot", serial: "serial", item: "gtin" };

/** What of a scan belongs into a field for one number; undefined when the scan does not hold it. */
export function elementFor(scan: ScanJson, state: FieldState): string | undefined {
  const elements = scan["elements"];
  const name = ELEMENTS[state.field.type.name];
  const element = isObject(elements) && name !== undefined ? elements[name] : undefined;
  return element === undefined ? undefined : filledBy(element);
}

/** What of a scan belongs into the row `own` alone, where `target` has its label already and would fill rows. */
export function unitFor(scan: ScanJson, own: FieldState, target: FieldState): string | undefined {
  const fills = target.field.schema["x-fills"];
  const isRow = isObject(fills) && Object.values(fills).includes(pointer(own.field.path));
  const adds = isRow && addsRow(own.field.path, target.path);
  return adds && !isEmpty(target.value) ? elementFor(scan, own) : undefined;
}

/** What a scan that fills a field by itself fills besides: how the field was entered. */
export function markOf(
  raw: string,
  own: FieldState,
  states: ReadonlyMap<string, FieldState>,
): readonly Filled[] {
  const template = templatePointer(own.path);
  return Array.from(states.values())
    .filter(({ field, path }) => field.schema["x-of"] === template && inSameRow(path, own.path))
    .map(({ path }) => ({ path, value: { how: "scanned", raw } }));
}

export function withFilled(data: FormData, filled: readonly Filled[]): FormData {
  return filled.reduce<unknown>(
    (all, { path, value }) => fpSet(path.map(String), value, all),
    data,
  ) as FormData;
}
