/** Words, on one line or several. */
import type { ChangeEvent, ReactNode } from "react";

import { type Control, type InputProps, inputAttributes, shownPlainly } from "./base.ts";

function TextInput(props: InputProps): ReactNode {
  const value = typeof props.value === "string" ? props.value : "";
  const change = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void => {
    const text = event.currentTarget.value;
    props.change(text === "" ? undefined : text);
  };
  const blur = (): void => {
    const text = trimmed(value);
    if (text !== value) props.change(text === "" ? undefined : text);
    props.blur();
  };
  const attributes = { ...inputAttributes(props), value, onChange: change, onBlur: blur };
  if (props.schema["x-multiline"] === true) return <textarea {...attributes} rows={3} />;
  return <input {...attributes} type="text" autoComplete="off" enterKeyHint="next" />;
}

/** Without space at the ends, as the rules of ../fields/characters.ts want it. */
export function trimmed(text: string): string {
  return text.replace(/^[ \t\n\u00a0\u3000]+|[ \t\n\u00a0\u3000]+$/g, "");
}

export const CONTROL: Control = { Input: TextInput, shown: shownPlainly };
