/**
 * What the renderers share. Two contexts: one that never changes while a form is open, one that changes with
 * what the person has seen (fields left, an attempt to submit, a scan answered). What is entered lives in
 * JSON Forms' own state, beside it the `screen` that our middleware works out of it.
 */
import { Actions, type CoreActions, type JsonFormsCore, type Middleware } from "@jsonforms/core";
import { useJsonForms } from "@jsonforms/react";
import { createContext, useContext } from "react";

import type { SendFile } from "./attachments/uploads.ts";
import type { Circumstances, Decided } from "./deciding.ts";
import type { Json } from "./fields/base.ts";
import type { FieldError } from "./findings.ts";
import type { FormModel } from "./model.ts";
import { type Path, pointer } from "./pointers.ts";
import { type FieldState, type FormData, nextScreen, type Screen } from "./screen.ts";
import type { Language } from "./texts.ts";

/** JSON Forms' state with our screen in it; they change together. */
export interface CoreWithScreen extends JsonFormsCore {
  readonly screen?: Screen;
}

export interface FormFrame {
  readonly formId: string;
  readonly model: FormModel;
  /** The case and the time as they are now. */
  readonly circumstances: () => Circumstances;
  readonly uploads: SendFile | undefined;
  /** Told when a field is left. */
  readonly leave: (key: string) => void;
}

export interface ScanNews {
  readonly answer: "accepted" | "refused";
  readonly words: Omit<FieldError, "path">;
  /** Pointer of the field the scan went to; null when there is none. */
  readonly key: string | null;
}

export interface Seen {
  readonly language: Language;
  readonly readOnly: boolean;
  /** Pointers of fields that were left. */
  readonly left: ReadonlySet<string>;
  readonly attempts: number;
  readonly scan: ScanNews | null;
  /** Whether the camera reads the labels: what a label answers then needs no keyboard on the screen. */
  readonly camera: boolean;
}

export const FormFrameContext = createContext<FormFrame | null>(null);
export const SeenContext = createContext<Seen | null>(null);

export function useFormFrame(): FormFrame {
  const frame = useContext(FormFrameContext);
  if (frame === null) throw new Error("A renderer stands outside of a form.");
  return frame;
}

export function useSeen(): Seen {
  const seen = useContext(SeenContext);
  if (seen === null) throw new Error("A renderer stands outside of a form.");
  return seen;
}

export function useScreen(): Screen {
  const { screen } = useJsonForms().core as CoreWithScreen;
  if (screen === undefined) throw new Error("JSON Forms runs without our middleware.");
  return screen;
}

export function useFieldState(key: string): FieldState | undefined {
  return useScreen().states.get(key);
}

export function useDecided(): Decided | null {
  return useScreen().outcome.decided;
}

type Change = (path: Path, value: Json | undefined) => void;

/** Functions that change what is entered; they stay the same as long as the form is open. */
export function useChanges(): { change: Change; replace: (update: (data: FormData) => FormData) => void } {
  const dispatch = useJsonForms().dispatch as ((action: CoreActions) => void) | undefined;
  if (dispatch === undefined) throw new Error("JSON Forms runs without a state.");
  let found = changes.get(dispatch);
  if (found === undefined) {
    found = {
      change: (path, value) => {
        dispatch(Actions.update(path.join("."), () => value));
      },
      replace: (update) => {
        dispatch(Actions.update("", update));
      },
    };
    changes.set(dispatch, found);
  }
  return found;
}

// By the dispatch function, which JSON Forms makes once for each form: so both stay the same.
const changes = new WeakMap<
  object,
  { change: Change; replace: (update: (data: FormData) => FormData) => void }
>();

/** JSON Forms' middleware: after each change of the data, the screen that belongs to it; `begin` is the first. */
export function screenMiddleware(
  model: FormModel,
  circumstances: () => Circumstances,
  begin: Screen,
): Middleware {
  return (state, action, reducer) => {
    const next: CoreWithScreen = reducer(state, action);
    const previous = (state as CoreWithScreen).screen ?? null;
    if (previous !== null && next.data === previous.data) return next;
    if (previous === null && next.data === begin.data) return { ...next, screen: begin };
    const screen = nextScreen(model, circumstances(), next.data as FormData, previous);
    const after: CoreWithScreen = { ...next, data: screen.data, screen };
    return after;
  };
}

/** The id in the document of the field at a pointer. */
export function elementId(formId: string, key: string): string {
  return formId + key.replaceAll("/", "-");
}

export function fieldId(formId: string, path: Path): string {
  return elementId(formId, pointer(path));
}
