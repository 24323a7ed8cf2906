/** A measured number: typed as text, kept as text, never a float. */
import type { ReactNode } from "react";

import type { Json } from "../fields/base.ts";
import { type Control, type FieldSettings, type InputProps, shownPlainly } from "./base.ts";
import { narrowNumber, TypedInput } from "./typed.tsx";

function QuantityInput(props: InputProps): ReactNode {
  return (
    <TypedInput
      props={props}
      text={typeof props.value === "string" ? props.value : ""}
      normalise={narrowNumber}
      tidy={tidyDecimal}
      change={(text) => {
        props.change(text === "" ? undefined : text);
      }}
      inputMode="decimal"
      className="form-number"
    />
  );
}

/** ".5", "5." and "007" as the number was meant; digits that were typed after the point all stay. */
export function tidyDecimal(text: string): string {
  const found = /^([+-]?)0*(\d*)(?:\.(\d*))?$/.exec(text);
  if (found === null || !/\d/.test(text)) return text;
  const [, sign = "", whole = "", fraction = ""] = found;
  const number = (whole === "" ? "0" : whole) + (fraction === "" ? "" : `.${fraction}`);
  return sign === "-" && /[1-9]/.test(number) ? `-${number}` : number;
}

export function shownWithUnit(value: Json, settings: FieldSettings): string {
  return settings.unit === "" ? shownPlainly(value) : `${shownPlainly(value)} ${settings.unit}`;
}

export const CONTROL: Control = { Input: QuantityInput, shown: shownWithUnit };
