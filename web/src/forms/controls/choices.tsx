/** Several of some values: native check boxes, every one seen and hit at once. */
import type { ReactNode } from "react";

import type { Json } from "../fields/base.ts";
import { type Control, type FieldSettings, type InputProps, shownPlainly } from "./base.ts";

function ChoicesInput(props: InputProps): ReactNode {
  const chosen = chosenOf(props.value);
  const { choices } = props.settings;
  // What was chosen and is not offered any more stays visible, so that it can be taken away.
  const gone = chosen.filter((value) => !choices.some((choice) => choice.value === value));
  const change = (value: string, isChosen: boolean) => {
    const wanted = isChosen ? [...chosen, value] : chosen.filter((one) => one !== value);
    const order = [...choices.map((choice) => choice.value), ...gone];
    const answer = order.filter((one) => wanted.includes(one));
    props.change(answer.length === 0 ? undefined : answer);
  };
  return (
    <div
      className="form-segments"
      role="group"
      id={props.id}
      tabIndex={-1}
      aria-labelledby={props.labelled ? `${props.id}-label` : undefined}
      aria-label={props.labelled ? undefined : props.label}
      aria-describedby={props.describedBy}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) props.blur();
      }}
    >
      {[...choices, ...gone.map((value) => ({ value, label: value }))].map(({ value, label }) => (
        <label key={value} className="form-segment">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            disabled={props.disabled}
            aria-invalid={props.invalid || undefined}
            onChange={(event) => {
              change(value, event.currentTarget.checked);
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}

function chosenOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === "string") : [];
}

function shown(value: Json, { choices }: FieldSettings): string {
  if (!Array.isArray(value)) return shownPlainly(value);
  const labels = chosenOf(value).map((one) => choices.find((choice) => choice.value === one)?.label ?? one);
  return labels.join(" · ");
}

export const CONTROL: Control = { Input: ChoicesInput, isGroup: () => true, shown };
