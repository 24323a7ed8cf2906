/**
 * The sentences of the client, one catalogue a language, loaded when it is spoken. A key that is missing in a
 * catalogue is a type error and fails test/i18n.
 */
import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import type { ReactNode } from "react";

import { setRequestLanguage } from "../api/client.ts";
import type { Text } from "../api/shapes.ts";
import { applyLanguage, type Language, useLanguage } from "../design/preferences.ts";
import type english from "./en.json";

export type MessageKey = keyof typeof english;
export type Say = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

const CATALOGUES = {
  en: () => import("./en.json"),
  zh: () => import("./zh.json"),
} as const;

/** Load a language and speak it. */
export async function changeLanguage(language: Language): Promise<void> {
  const { default: messages } = await CATALOGUES[language]();
  i18n.load(language, messages);
  i18n.activate(language);
  setRequestLanguage(language);
  applyLanguage(language);
}

export function Languages({ children }: { readonly children: ReactNode }): ReactNode {
  return <I18nProvider i18n={i18n}>{children}</I18nProvider>;
}

/** The function that says a sentence in the person's language. */
export function useSay(): Say {
  const { i18n: spoken } = useLingui();
  return (key, values) => spoken._(key, values);
}

/** The person's side of a text that came in both languages. */
export function useTextIn(): (text: Text) => string {
  const language = useLanguage();
  return (text) => text[language] || text.en || text.zh;
}
