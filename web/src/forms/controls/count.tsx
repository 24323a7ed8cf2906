/** A number of things. What is no whole number stays as it was typed, and the message says so. */
import type { ReactNode } from "react";

import { type Control, type InputProps } from "./base.ts";
import { shownWithUnit, tidyDecimal } from "./quantity.tsx";
import { narrowNumber, TypedInput } from "./typed.tsx";

function CountInput(props: InputProps): ReactNode {
  const { value } = props;
  return (
    <TypedInput
      props={props}
      text={typeof value === "number" ? String(value) : typeof value === "string" ? value : ""}
      normalise={narrowNumber}
      tidy={tidyDecimal}
      change={(text) => {
        props.change(text === "" ? undefined : wholeNumber(text));
      }}
      inputMode="numeric"
      className="form-number"
    />
  );
}

/** The integer a text writes in the only way it may be written; else the text itself. */
export function wholeNumber(text: string): number | string {
  return /^(?:0|-?[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

export const CONTROL: Control = { Input: CountInput, shown: shownWithUnit };
