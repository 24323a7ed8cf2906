/** One of several values: few side by side, some in the device's own list, many to be searched. */
import type { ReactNode } from "react";

import { part } from "../../design/part.tsx";
import { word } from "../words.ts";
import { type Control, type FieldSettings, type InputProps, inputAttributes, shownPlainly } from "./base.ts";
import { Segments } from "./segments.tsx";

const FEW = 4;
const SOME = 12;
/** Four long labels do not stand side by side on a phone; they are a list all the same. */
const LONGEST_SEGMENTS = 60;

const ManyChoices = part(
  async () => (await import("./many_choices.tsx")).default,
  (props: InputProps) => (
    <input {...inputAttributes(props)} type="text" readOnly value={chosenLabel(props)} />
  ),
);

function ChoiceInput(props: InputProps): ReactNode {
  const { choices } = props.settings;
  if (areFew(props.settings)) return <Segments props={props} segments={choices} />;
  if (choices.length <= SOME) return <SomeChoices {...props} />;
  return <ManyChoices {...props} />;
}

function SomeChoices(props: InputProps): ReactNode {
  const chosen = typeof props.value === "string" ? props.value : "";
  const isOffered = props.settings.choices.some((choice) => choice.value === chosen);
  return (
    <select
      {...inputAttributes(props)}
      value={chosen}
      onChange={(event) => {
        const { value } = event.currentTarget;
        props.change(value === "" ? undefined : value);
      }}
    >
      <option value="">{word(props.language, "choose")}</option>
      {!isOffered && chosen !== "" && <option value={chosen}>{chosen}</option>}
      {props.settings.choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

function areFew({ choices }: FieldSettings): boolean {
  const length = choices.reduce((sum, choice) => sum + choice.label.length, 0);
  return choices.length > 0 && choices.length <= FEW && length <= LONGEST_SEGMENTS;
}

export function chosenLabel({ settings, value }: Pick<InputProps, "settings" | "value">): string {
  if (value === undefined || value === null) return "";
  return settings.choices.find((choice) => choice.value === value)?.label ?? shownPlainly(value);
}

export const CONTROL: Control = {
  Input: ChoiceInput,
  isGroup: (_schema, settings) => areFew(settings),
  shown: (value, settings) => chosenLabel({ settings, value }),
};
