/** What is said about an answer: at its place, with a code and a sentence in both languages. */
import { message, type Params, type Text } from "./texts.ts";
import { type Path, pointer } from "./pointers.ts";

export interface FieldError {
  /** The JSON pointer of the value ("/readings/0/value"), "" for the whole form. */
  readonly path: string;
  /** A key of messages.json, or "check.<id>" for a check that the form's author wrote. */
  readonly code: string;
  /** From our own rules in both languages; the server sends it in the person's language. */
  readonly message: Text | string;
  readonly params?: Params;
}

/** A finding with its sentence. */
export function finding(path: Path, code: string, params: Params): FieldError {
  return { path: pointer(path), code, message: message(code, params), params };
}
