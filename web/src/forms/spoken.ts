/** The messages of forms, a part a language, made of forms/messages.json by the build (jsonforms/build_plugin.ts). */
import type { Language } from "./texts.ts";

type Messages = Readonly<Record<string, string>>;

const PARTS = {
  en: () => import("countersign:messages/en"),
  zh: () => import("countersign:messages/zh"),
} as const;
const spoken = new Map<Language, Messages>();

/** Fetch the messages of a language; nothing is said in it before. */
export async function loadMessages(language: Language): Promise<void> {
  if (!spoken.has(language)) spoken.set(language, (await PARTS[language]()).default);
}

/** The messages of a language; undefined before they have come. */
export function messagesIn(language: Language): Messages | undefined {
  return spoken.get(language);
}
