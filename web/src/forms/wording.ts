/** Findings and limits in the person's language. */
import type { FieldSettings } from "./controls/base.ts";
import type { FieldError } from "./findings.ts";
import type { FieldState, Surroundings } from "./screen.ts";
import { type Language, message, type Text } from "./texts.ts";
import { type UnitNames, unitIn } from "./units.ts";
import { word } from "./words.ts";

export function textIn(language: Language, text: Text | string): string {
  return typeof text === "string" ? text : text[language];
}

export function errorText(language: Language, error: Omit<FieldError, "path">): string {
  if (error.message !== undefined) return textIn(language, error.message);
  return message(language, error.code, error.params ?? {});
}

/** What stands beside a field, in the person's language. */
export function settingsIn(language: Language, surroundings: Surroundings, units?: UnitNames): FieldSettings {
  return {
    unit: unitIn(language, surroundings.unit, units),
    low: surroundings.low,
    high: surroundings.high,
    choices: surroundings.choices.map(({ value, label }) => ({ value, label: label[language] })),
  };
}

/** The limits as a sentence: "9.90 to 10.10 mm"; "" when there are none. */
export function limitsText(language: Language, settings: FieldSettings, isDate: boolean): string {
  const { low, high, unit } = settings;
  if (low === "" && high === "") return "";
  const ends = { low: shortMoment(low), high: shortMoment(high) };
  const after = unit === "" ? "" : ` ${unit}`;
  if (low !== "" && high !== "") return word(language, "between", ends) + after;
  if (isDate) return word(language, low === "" ? "up_to_date" : "from_date", ends);
  return word(language, low === "" ? "up_to" : "from", ends) + after;
}

function shortMoment(text: string): string {
  return text.replace("T", " ");
}

/** The name of a field: the control's own label, else the field's. */
export function labelOf(language: Language, state: Pick<FieldState, "field">, own?: Text): string {
  return own?.[language] ?? (state.field.schema["x-label"] as Text)[language];
}
