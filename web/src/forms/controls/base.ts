/** What a control is: how one kind of field is shown and filled in. One file a field type, as in ../fields. */
import type { ComponentType } from "react";

import type { Json, Schema } from "../fields/base.ts";
import type { Language } from "../texts.ts";

/** What the form file says beside a field, worked out for the case at hand and in the person's language. */
export interface FieldSettings {
  readonly unit: string;
  /** Limits as they are shown; "" where there is none. */
  readonly low: string;
  readonly high: string;
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface InputProps {
  readonly id: string;
  readonly pointer: string;
  /** Name of the field; spoken where no label is drawn, in the cell of a table. */
  readonly label: string;
  /** The label is drawn outside and belongs to `id` (or, for a group of inputs, has the id `<id>-label`). */
  readonly labelled: boolean;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
  readonly disabled: boolean;
  readonly schema: Schema;
  readonly settings: FieldSettings;
  readonly value: Json | undefined;
  readonly language: Language;
  readonly change: (value: Json | undefined) => void;
  readonly blur: () => void;
}

export interface Control {
  readonly Input: ComponentType<InputProps>;
  /** Several inputs under one name: the label is a legend. */
  readonly isGroup?: (schema: Schema, settings: FieldSettings) => boolean;
  /** An answer as people read it, where it cannot be changed. */
  readonly shown: (value: Json, settings: FieldSettings, language: Language) => string;
}

/** The attributes every single native input of ours has. */
export function inputAttributes(props: InputProps) {
  return {
    id: props.id,
    "aria-label": props.labelled ? undefined : props.label,
    "aria-describedby": props.describedBy,
    "aria-invalid": props.invalid || undefined,
    "aria-required": props.required || undefined,
    className: "input",
    disabled: props.disabled,
    onBlur: props.blur,
  };
}

/** An answer that is text or a number, as it is. */
export function shownPlainly(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
