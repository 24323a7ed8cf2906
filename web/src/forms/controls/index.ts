/** Controls: one file a field type, under the name that a form writes in `x-field`. A table draws itself. */
import { CONTROL as attachment } from "./attachment.tsx";
import { CONTROL as barcode } from "./barcode.tsx";
import type { Control } from "./base.ts";
import { CONTROL as choice } from "./choice.tsx";
import { CONTROL as choices } from "./choices.tsx";
import { CONTROL as count } from "./count.tsx";
import { CONTROL as date } from "./date.tsx";
import { CONTROL as date_time } from "./date_time.tsx";
import { CONTROL as entry } from "./entry.tsx";
import { CONTROL as item } from "./item.tsx";
import { CONTROL as location } from "./location.tsx";
import { CONTROL as lot } from "./lot.tsx";
import { CONTROL as photo } from "./photo.tsx";
import { CONTROL as quantity } from "./quantity.tsx";
import { CONTROL as serial } from "./serial.tsx";
import { CONTROL as text } from "./text.tsx";
import { CONTROL as yes_no } from "./yes_no.tsx";

const CONTROLS: Readonly<Record<string, Control>> = {
  attachment,
  barcode,
  choice,
  choices,
  count,
  date,
  date_time,
  entry,
  item,
  location,
  lot,
  photo,
  quantity,
  serial,
  text,
  yes_no,
};

export function controlOf(fieldType: string): Control {
  return CONTROLS[fieldType] ?? text;
}
