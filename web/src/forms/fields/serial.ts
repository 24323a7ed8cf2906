/** A serial number; the same rules as a lot number. */
import type { FieldType } from "./base.ts";
import { FIELD as LOT } from "./lot.ts";

export const FIELD: FieldType = { ...LOT, name: "serial" };
