/** Before anything else: is this JSON of a size and depth that a form can have? */
import { lengthOf, Wrong } from "./fields/base.ts";

/** Levels. A file reference in a column of a table in a group lies at 7. */
const DEEPEST = 8;
const MOST_VALUES = 20_000;
const MOST_CHARACTERS = 1_000_000;

/** Refuse data that is too deep or too much. Throws Wrong. */
export function requireReasonable(data: unknown): void {
  let values = 0;
  let characters = 0;
  const waiting: [unknown, number][] = [[data, 1]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    if (depth > DEEPEST) throw new Wrong("too_deep", { limit: DEEPEST });
    values += 1;
    if (typeof value === "string") characters += lengthOf(value);
    else if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (!Array.isArray(value)) characters += lengthOf(key);
        waiting.push([member, depth + 1]);
      }
    }
    if (values + waiting.length > MOST_VALUES || characters > MOST_CHARACTERS) {
      throw new Wrong("too_much", { limit: MOST_VALUES });
    }
  }
}

/** A field name that somebody sent, fit to stand in a sentence. */
export function shownName(name: string): string {
  return Array.from(name)
    .slice(0, 50)
    .map((character) => (/^(?: |[^\p{C}\p{Z}])$/u.test(character) ? character : "\ufffd"))
    .join("");
}
