/** How an identifier was entered: shown beside it, never filled in. */
import { isObject } from "../fields/base.ts";
import { word } from "../words.ts";
import type { Control } from "./base.ts";

export const CONTROL: Control = {
  Input: () => null,
  shown: (value, _settings, language) =>
    word(language, isObject(value) && value["how"] === "scanned" ? "was_scanned" : "was_typed"),
};
