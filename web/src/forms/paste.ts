/** Values copied from a spreadsheet or an instrument: a block of lines and columns, one value a cell. */
import { trimmed } from "./controls/text.tsx";
import { tidyDecimal } from "./controls/quantity.tsx";
import { wholeNumber } from "./controls/count.tsx";
import { narrow, narrowNumber } from "./controls/typed.tsx";
import type { Json } from "./fields/base.ts";
import type { Field } from "./model.ts";
import type { Surroundings } from "./screen.ts";

/** Lines of cells; null when the text is a single value, which is pasted as any text is. */
export function pastedBlock(text: string): readonly (readonly string[])[] | null {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const block = lines.map((line) => line.split("\t"));
  return block.length === 1 && block[0]?.length === 1 ? null : block;
}

/** A pasted text as the answer of a field: numbers tidied, choices found by their words. */
export function pastedValue(text: string, field: Field, choices: Surroundings["choices"]): Json | undefined {
  const clean = trimmed(text);
  if (clean === "") return undefined;
  switch (field.type.name) {
    case "quantity":
      return tidyDecimal(narrowNumber(clean));
    case "count":
      return wholeNumber(tidyDecimal(narrowNumber(clean)));
    case "yes_no":
      return yesNo(clean);
    case "choice": {
      const wanted = narrow(clean).toLowerCase();
      const found = choices.find(({ value, label }) =>
        [value, label.en, label.zh].some((name) => narrow(name).toLowerCase() === wanted),
      );
      return found?.value ?? clean;
    }
    default:
      return clean;
  }
}

function yesNo(text: string): Json {
  if (/^(?:yes|y|true|1|是|✓|√)$/i.test(text)) return true;
  return /^(?:no|n|false|0|否|✗|×)$/i.test(text) ? false : text;
}
