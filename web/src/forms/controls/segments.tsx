/** A few choices side by side, as native radio buttons: every one is seen and hit at once. */
import type { ReactNode } from "react";

import type { Json } from "../fields/base.ts";
import { word } from "../words.ts";
import { Icon } from "../icons.tsx";
import type { InputProps } from "./base.ts";

interface Segment {
  readonly value: Json;
  readonly label: string;
}

export function Segments({
  props,
  segments,
}: {
  readonly props: InputProps;
  readonly segments: readonly Segment[];
}): ReactNode {
  const canClear = !props.required && !props.disabled && props.value !== undefined;
  return (
    <div
      className="form-segments"
      role="radiogroup"
      id={props.id}
      tabIndex={-1}
      aria-labelledby={props.labelled ? `${props.id}-label` : undefined}
      aria-label={props.labelled ? undefined : props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.invalid || undefined}
      aria-required={props.required || undefined}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) props.blur();
      }}
    >
      {segments.map((segment) => (
        <label key={segment.label} className="form-segment">
          <input
            type="radio"
            name={props.id}
            checked={props.value === segment.value}
            disabled={props.disabled}
            onChange={() => {
              props.change(segment.value);
            }}
          />
          <span>{segment.label}</span>
        </label>
      ))}
      {canClear && (
        <button
          type="button"
          className="button form-clear"
          data-kind="quiet"
          onClick={() => {
            props.change(undefined);
          }}
        >
          <Icon name="cross" />
          <span className="visually-hidden">
            {word(props.language, "clear")} {props.label}
          </span>
        </button>
      )}
    </div>
  );
}
