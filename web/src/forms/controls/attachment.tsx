/** Files: chosen or photographed, kept on the device by their hash, then sent. The work is fetched when needed. */
import { lazy, type ReactNode, Suspense } from "react";

import { asWords, isObject, type Json } from "../fields/base.ts";
import { word } from "../words.ts";
import type { Control, InputProps } from "./base.ts";

const Files = lazy(() => import("./files.tsx"));

function AttachmentInput(props: InputProps): ReactNode {
  return (
    <Suspense fallback={<p className="form-files-waiting">{word(props.language, "preparing")}</p>}>
      <Files {...props} />
    </Suspense>
  );
}

function fileNames(value: Json): string {
  if (!Array.isArray(value)) return "";
  return (value as readonly Json[]).map((file) => (isObject(file) ? asWords(file["name"]) : "")).join(", ");
}

export const CONTROL: Control = { Input: AttachmentInput, isGroup: () => true, shown: fileNames };
