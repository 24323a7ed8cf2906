/** What is said about an answer: at its place, with a code and a sentence in both languages. */
import type { Params, Text } from "./texts.ts";
import { type Path, pointer } from "./pointers.ts";

export interface FieldError {
  /** The JSON pointer of the value ("/readings/0/value"), "" for the whole form. */
  readonly path: string;
  /** A key of messages.json, or "check.<id>" for a check that the form's author wrote. */
  readonly code: string;
  /** What the form's author or the server says; a finding of our own rules says what its code says. */
  readonly message?: Text | string;
  readonly params?: Params;
}

/** A finding of our own rules. */
export function finding(path: Path, code: string, params: Params): FieldError {
  return { path: pointer(path), code, params };
}
