/** Characters of a typed text: what cannot be seen has no place in a signed record. */
import { Wrong } from "./base.ts";

/**
 * Controls, zero-width signs, and those that turn the direction of writing and so can make a record read
 * differently than it is stored. Line feed and tab are treated on their own. The joiners U+200C and U+200D
 * stay: some scripts need them.
 */
export const INVISIBLE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]/u;

/** What is space at the ends of a text (Python's and JavaScript's own ideas of it differ). */
export const SPACES = " \t\n\u00a0\u3000";

/** Refuse characters that cannot be seen, space at the ends, and lines where one is allowed. */
export function requireVisible(text: string, multiline = false): void {
  if (INVISIBLE.test(text) || (!multiline && text.includes("\t"))) throw new Wrong("invisible_characters");
  if (!multiline && text.includes("\n")) throw new Wrong("one_line_only");
  if (SPACES.includes(text.charAt(0)) || SPACES.includes(text.charAt(text.length - 1))) {
    throw new Wrong("surrounding_space");
  }
}

/** Refuse what `allowed` does not match; when only the width is wrong, say so. */
export function requireCharacters(text: string, allowed: RegExp, code: string): void {
  if (allowed.test(text)) return;
  const narrow = normalised(text);
  if (narrow !== text && allowed.test(narrow)) throw new Wrong("fullwidth", { suggestion: narrow });
  throw new Wrong(code);
}

/** Unicode NFKC: full-width １２３ becomes 123. For matching; the record keeps what was typed. */
export function normalised(text: string): string {
  return text.normalize("NFKC");
}

/** Characters that are taken for one another on a label: O and 0, I and 1 and L. */
function folded(text: string): string {
  return normalised(text).toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}

/** Whether two numbers differ, and only by characters that look like one another. */
export function lookAlike(text: string, known: string): boolean {
  return normalised(text).toUpperCase() !== normalised(known).toUpperCase() && folded(text) === folded(known);
}
