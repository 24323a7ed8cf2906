/** One line of text that is normalised before the person's eyes: full-width forms become half-width. */
import type { ChangeEvent, CompositionEvent, FocusEvent, ReactNode } from "react";

import { SCAN_FIELD } from "../../scanning/scan_field.ts";
import { useSeen } from "../form_context.tsx";
import { type InputProps, inputAttributes } from "./base.ts";

interface TypedProps {
  readonly props: InputProps;
  readonly text: string;
  /** What the text becomes with each key, once an input method has finished composing. */
  readonly normalise: (text: string) => string;
  /** What it becomes when the field is left. */
  readonly tidy?: (text: string) => string;
  readonly change: (text: string) => void;
  readonly inputMode?: "text" | "numeric" | "decimal" | "none";
  readonly className?: string;
  readonly capitals?: boolean;
  readonly scannable?: boolean;
}

export function TypedInput(typed: TypedProps): ReactNode {
  const { props } = typed;
  const { camera } = useSeen();
  const take = (text: string): void => {
    if (text !== typed.text) typed.change(text);
  };
  const onChange = (event: ChangeEvent<HTMLInputElement>): void => {
    const composing = (event.nativeEvent as InputEvent).isComposing;
    const text = event.currentTarget.value;
    take(composing ? text : typed.normalise(text));
  };
  const onCompositionEnd = (event: CompositionEvent<HTMLInputElement>): void => {
    take(typed.normalise(event.currentTarget.value));
  };
  const onBlur = (event: FocusEvent<HTMLInputElement>): void => {
    const text = typed.normalise(event.currentTarget.value).trim();
    take(typed.tidy?.(text) ?? text);
    props.blur();
  };
  return (
    <input
      {...inputAttributes(props)}
      {...(typed.scannable === true ? { [SCAN_FIELD]: "text" } : {})}
      type="text"
      className={`input ${typed.className ?? ""}`}
      inputMode={camera && typed.scannable === true ? "none" : typed.inputMode}
      autoComplete="off"
      autoCorrect="off"
      autoCapitalize={typed.capitals === true ? "characters" : "off"}
      spellCheck={false}
      enterKeyHint="next"
      value={typed.text}
      onChange={onChange}
      onCompositionEnd={onCompositionEnd}
      onBlur={onBlur}
    />
  );
}

/** Full-width letters, digits and signs as an input method leaves them: １２３ becomes 123. */
export function narrow(text: string): string {
  return text.normalize("NFKC");
}

/** As `narrow`, and the Chinese full stop and the typographic minus become what a number is written with. */
export function narrowNumber(text: string): string {
  return narrow(text.replaceAll("。", ".")).replaceAll("\u2212", "-").replaceAll(" ", "");
}
