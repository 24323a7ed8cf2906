/** The words that all registers share, and what fills them in. */
import type { Text } from "../../api/shapes.ts";

export const SHARED = {
  registers: { en: "Registers", zh: "台账" },
  missing: { en: "There is no record {number}", zh: "没有编号为 {number} 的记录" },
  missing_help: {
    en: "Check the number, or look for it in the list.",
    zh: "请核对编号，或返回列表查找。",
  },
} as const satisfies Record<string, Text>;

/** What to say of a lot that is not there: its address holds no number that people know. */
export const NO_LOT = {
  title: { en: "There is no such lot", zh: "没有这个批次" },
  help: { en: "Go back and find it by its number or its label.", zh: "请返回，按批号或标签查找。" },
} as const satisfies Record<string, Text>;

/** A sentence with its blanks filled in: "{count} lots" with {count: 3}. */
export function filled(text: Text, values: Readonly<Record<string, string | number>>): Text {
  const fill = (sentence: string): string =>
    sentence.replace(/\{(\w+)\}/g, (blank, name: string) => String(values[name] ?? blank));
  return { en: fill(text.en), zh: fill(text.zh) };
}

/** What is the same in both languages: a code, a number. */
export function same(word: string): Text {
  return { en: word, zh: word };
}

/** The words for a code; the code where there are none. */
export function wordsOf(words: Readonly<Record<string, Text>>, code: string): Text {
  return words[code] ?? same(code);
}
