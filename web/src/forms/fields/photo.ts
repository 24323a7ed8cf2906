/** Pictures taken at the work place: an attachment that is an image. */
import { FIELD as ATTACHMENT } from "./attachment.ts";
import type { FieldType } from "./base.ts";

export const FIELD: FieldType = { ...ATTACHMENT, name: "photo" };
