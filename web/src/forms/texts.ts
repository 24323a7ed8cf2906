/** Words people read: a text by language, and the table of messages that the server shows too, fetched by language. */

import { messagesIn } from "./spoken.ts";

export { loadMessages } from "./spoken.ts";

export type Language = "zh" | "en";

/** A text that people read, by language. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** What may stand for a {name} in a message. A Text is put in by language. */
export type Param = string | number | Text;
export type Params = Readonly<Record<string, Param>>;

export function speaks(language: Language): boolean {
  return messagesIn(language) !== undefined;
}

/** The message of `code`, with `params` put in. */
export function message(language: Language, code: string, params: Params): string {
  return put(messagesIn(language)?.[code] ?? code, params, language);
}

/** `template` with each {name} replaced; a name without a parameter stays as it is written. */
export function render(template: Text, params: Params): Text {
  return { en: put(template.en, params, "en"), zh: put(template.zh, params, "zh") };
}

function put(words: string, params: Params, language: Language): string {
  return words.replace(/\{([^{}]*)\}/g, (place, name: string) => {
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    if (param === undefined) return place;
    return typeof param === "object" ? param[language] : String(param);
  });
}
