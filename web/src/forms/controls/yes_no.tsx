/** Yes or no, side by side; or the words that the form gives for them. */
import type { ReactNode } from "react";

import { isObject } from "../fields/base.ts";
import type { Language, Text } from "../texts.ts";
import { word } from "../words.ts";
import type { Control, InputProps } from "./base.ts";
import { Segments } from "./segments.tsx";

function YesNoInput(props: InputProps): ReactNode {
  return (
    <Segments
      props={props}
      segments={[
        { value: true, label: answer(props.schema, true, props.language) },
        { value: false, label: answer(props.schema, false, props.language) },
      ]}
    />
  );
}

function answer(schema: InputProps["schema"], value: boolean, language: Language): string {
  const labels = schema["x-labels"];
  const label = isObject(labels) ? (labels[String(value)] as Text | undefined) : undefined;
  return label?.[language] ?? word(language, value ? "yes" : "no");
}

export const CONTROL: Control = {
  Input: YesNoInput,
  isGroup: () => true,
  shown: (value, _settings, language) => word(language, value === true ? "yes" : "no"),
};
