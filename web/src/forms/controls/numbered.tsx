/** Numbers on labels: lot, serial, item, location. Typed, or taken from a scan that holds only them. */
import type { ReactNode } from "react";

import { type Control, type InputProps, shownPlainly } from "./base.ts";
import { narrow, TypedInput } from "./typed.tsx";

interface Options {
  /** Written in capitals only; what is typed small is made so visibly. */
  readonly capitals: (schema: InputProps["schema"]) => boolean;
  readonly digits?: (schema: InputProps["schema"]) => boolean;
}

/** The control of a field type that holds a number of a label. */
export function numberControl({ capitals, digits }: Options): Control {
  function NumberInput(props: InputProps): ReactNode {
    const big = capitals(props.schema);
    const normalise = (text: string): string => {
      // What a scanner announces is a code on its way: in capitals "]d2" would announce nothing.
      if (text.startsWith("]")) return text;
      return big ? narrow(text).toUpperCase() : narrow(text);
    };
    return (
      <TypedInput
        props={props}
        text={typeof props.value === "string" ? props.value : ""}
        normalise={normalise}
        change={(text) => {
          props.change(text === "" ? undefined : text);
        }}
        inputMode={digits?.(props.schema) === true ? "numeric" : "text"}
        className="form-code"
        capitals={big}
        scannable
      />
    );
  }
  return { Input: NumberInput, shown: shownPlainly };
}
