/** A seal impression with the meaning of a signature: two characters in Chinese, the code in English. */
import "./seal.css";

import type { ReactNode } from "react";

import type { Text } from "../api/shapes.ts";
import { useLanguage, type Language } from "../design/preferences.ts";

const LONGEST_IN_SEAL = 4;

export function Seal({ code, names }: { readonly code: string; readonly names: Text }): ReactNode {
  const language = useLanguage();
  return (
    <span className="seal" aria-hidden="true" data-language={language}>
      {impression(code, names, language)}
    </span>
  );
}

function impression(code: string, names: Text, language: Language): string {
  if (language === "en") return code;
  const first = names.zh.split(/[/／（(]/)[0] ?? names.zh;
  return Array.from(first).slice(0, LONGEST_IN_SEAL).join("");
}
