/** Files: chosen or photographed, kept on the device by their hash, then sent. The work is fetched when needed. */
import { whenIdle } from "../../calm.ts";
import { part } from "../../design/part.tsx";
import { asWords, isObject, type Json } from "../fields/base.ts";
import { word } from "../words.ts";
import type { Control, InputProps } from "./base.ts";

const Files = part(
  async () => {
    await whenIdle();
    return (await import("./files.tsx")).default;
  },
  (props: InputProps) => <p className="form-files-waiting">{word(props.language, "preparing")}</p>,
);

function fileNames(value: Json): string {
  if (!Array.isArray(value)) return "";
  return (value as readonly Json[]).map((file) => (isObject(file) ? asWords(file["name"]) : "")).join(", ");
}

export const CONTROL: Control = { Input: Files, isGroup: () => true, shown: fileNames };
