/** A calendar date by the device's own picker; a month where the label shows no day. */
import { type ReactNode, useState } from "react";

import { word } from "../words.ts";
import { type Control, type InputProps, inputAttributes, shownPlainly } from "./base.ts";

function DateInput(props: InputProps): ReactNode {
  const value = typeof props.value === "string" ? props.value : "";
  const [wantsMonth, setWantsMonth] = useState(false);
  const asMonth = value === "" ? wantsMonth : value.length === 7;
  const input = (
    <input
      {...inputAttributes(props)}
      className="input form-date"
      type={asMonth ? "month" : "date"}
      max={asMonth ? "9999-12" : "9999-12-31"}
      value={value}
      onChange={(event) => {
        const { value: text } = event.currentTarget;
        props.change(text === "" ? undefined : text);
      }}
    />
  );
  if (props.schema["x-precision"] !== "any") return input;
  return (
    <div className="form-date-or-month">
      {input}
      <label className="form-check">
        <input
          type="checkbox"
          checked={asMonth}
          disabled={props.disabled}
          onChange={(event) => {
            const month = event.currentTarget.checked;
            setWantsMonth(month);
            // A day is not invented: going back from a month to a date empties the field.
            if (value !== "") props.change(month ? value.slice(0, 7) : undefined);
          }}
        />
        <span>{word(props.language, "no_day")}</span>
      </label>
    </div>
  );
}

export const CONTROL: Control = { Input: DateInput, shown: shownPlainly };
