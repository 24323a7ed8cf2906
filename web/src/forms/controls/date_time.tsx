/** A moment: date and time of the place the device is at, kept with its offset. */
import type { ReactNode } from "react";

import { word } from "../words.ts";
import { type Control, type InputProps, inputAttributes, shownPlainly } from "./base.ts";

function DateTimeInput(props: InputProps): ReactNode {
  const record = typeof props.value === "string" ? props.value : "";
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?/.exec(record)?.[0] ?? "";
  const offset = /(?:Z|[+-]\d{2}:\d{2})$/.exec(record)?.[0] ?? offsetOf(new Date());
  const take = (text: string): void => {
    props.change(text === "" ? undefined : withOffset(text));
  };
  return (
    <div className="form-moment">
      <input
        {...inputAttributes(props)}
        className="input form-date-time"
        type="datetime-local"
        step="1"
        max="9999-12-31T23:59:59"
        value={local}
        onChange={(event) => {
          take(event.currentTarget.value);
        }}
      />
      <button
        type="button"
        className="button"
        disabled={props.disabled}
        onClick={() => {
          take(localText(new Date()));
        }}
      >
        {word(props.language, "now")}
        <span className="visually-hidden">: {props.label}</span>
      </button>
      <span className="form-zone">
        {word(props.language, "time_zone", { offset: `UTC${offset === "Z" ? "" : offset}` })}
      </span>
    </div>
  );
}

/** A local date and time as the picker gives it, with seconds and the offset this device has on that day. */
export function withOffset(local: string): string {
  const seconds = local.length === 16 ? `${local}:00` : local.slice(0, 19);
  return seconds + offsetOf(new Date(seconds));
}

function offsetOf(moment: Date): string {
  const minutes = -moment.getTimezoneOffset();
  const two = (part: number): string => String(part).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function localText(moment: Date): string {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export const CONTROL: Control = {
  Input: DateTimeInput,
  shown: (value) => shownPlainly(value).replace("T", " "),
};
