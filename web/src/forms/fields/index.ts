/** Field types: one file each, found by the name that a form writes in `x-field`. */
import { FIELD as attachment } from "./attachment.ts";
import { FIELD as barcode } from "./barcode.ts";
import type { FieldType } from "./base.ts";
import { FIELD as choice } from "./choice.ts";
import { FIELD as choices } from "./choices.ts";
import { FIELD as count } from "./count.ts";
import { FIELD as date } from "./date.ts";
import { FIELD as dateTime } from "./date_time.ts";
import { FIELD as entry } from "./entry.ts";
import { FIELD as item } from "./item.ts";
import { FIELD as location } from "./location.ts";
import { FIELD as lot } from "./lot.ts";
import { FIELD as photo } from "./photo.ts";
import { FIELD as quantity } from "./quantity.ts";
import { FIELD as serial } from "./serial.ts";
import { FIELD as table } from "./table.ts";
import { FIELD as text } from "./text.ts";
import { FIELD as yesNo } from "./yes_no.ts";

export const FIELD_TYPES: Readonly<Record<string, FieldType>> = Object.fromEntries(
  [
    attachment,
    barcode,
    choice,
    choices,
    count,
    date,
    dateTime,
    entry,
    item,
    location,
    lot,
    photo,
    quantity,
    serial,
    table,
    text,
    yesNo,
  ].map((type) => [type.name, type]),
);
