/** Countries and markets by name: what is on the wire is a code ("CN", "EU"), which a reader may not know. */
import type { Language } from "../design/preferences.ts";

const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const CODE = /^[A-Z]{2}$/;

/** "CN" as 中国 or China; what is no code of a region is shown as it is. */
export function regionName(code: string, language: Language): string {
  if (!CODE.test(code)) return code;
  return new Intl.DisplayNames([LOCALES[language]], { type: "region" }).of(code) ?? code;
}
