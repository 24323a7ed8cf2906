/**
 * What a field type is: how one kind of answer is read, judged against limits, and computed.
 *
 * The files of this folder are forms/fields/ in TypeScript, file by file and rule by rule; tests/vectors/forms
 * holds both to the same answers. What is seen on the screen stands in ../controls under the same names.
 */
import type { Param } from "../texts.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The JSON Schema of one field. */
export type Schema = Readonly<Record<string, unknown>>;

/** Value of a keyword that may be FEEL: evaluated where the field lies; null when absent. */
export type Setting = (keyword: string) => unknown;

/** What was answered in one field. */
export interface Answer {
  /** JSON as it is signed and stored. */
  readonly record: Json;
  /** What expressions see: a Decimal for "12.50". */
  readonly value: unknown;
  /** Further values put next to it, by suffix: {"_match": "LOT1"}. */
  readonly beside?: Readonly<Record<string, unknown>>;
}

/** Something to be shown with an answer that is accepted all the same. */
export interface Notice {
  readonly code: string;
  readonly params: Readonly<Record<string, Param>>;
}

/** Thrown by a field type: this value is not acceptable. Becomes an error at the value's path. */
export class Wrong extends Error {
  readonly code: string;
  readonly params: Readonly<Record<string, Param>>;

  constructor(code: string, params: Readonly<Record<string, Param>> = {}) {
    super(code);
    this.name = "Wrong";
    this.code = code;
    this.params = params;
  }
}

/** One kind of field, named by `x-field`. */
export interface FieldType {
  readonly name: string;
  /** Checks the answer by itself. Throws Wrong. `now` is an ISO moment. */
  read(submitted: Json, schema: Schema, now: string): Answer;
  /** Checks it against what other fields and the case say. Throws Wrong, or gives a Notice. */
  judge?(answer: Answer, schema: Schema, setting: Setting): Notice | null;
  /** Turns the result of a FEEL expression into the field's JSON. Throws Wrong. */
  compute(value: unknown, schema: Schema): Json;
  /** Suffixes of the values it puts next to its own. */
  readonly beside?: readonly string[];
}

/** Keep a FEEL result that is JSON already. */
export function computePlainly(value: unknown): Json {
  return value as Json;
}

/** For fields that only a person can fill. */
export function computeNever(): Json {
  throw new Wrong("computed_unfit");
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in a sentence: texts and numbers as they are. */
export function asWords(value: unknown): string {
  return typeof value === "object" && value !== null && !("toFixed" in value)
    ? JSON.stringify(value)
    : String(value);
}

/** A number that stands in the form file under `keyword`. */
export function numberIn(schema: Schema, keyword: string, otherwise: number): number {
  const found = schema[keyword];
  return typeof found === "number" ? found : otherwise;
}

/** How many code points, which is how the form language counts characters. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
