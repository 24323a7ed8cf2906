/**
 * Vite plugin: compiles the message catalogues (i18n/en.json, i18n/zh.json) while building.
 *
 * The client then carries neither an ICU parser nor a second copy of the sentences: a message with parameters
 * arrives as Lingui's token list, a plain one as a string.
 */
import { compileMessage } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

const CATALOGUE = /[\\/]i18n[\\/](?:en|zh)\.json$/;

export function catalogues(): Plugin {
  return {
    name: "countersign-catalogues",
    enforce: "pre",
    transform(source, id) {
      if (!CATALOGUE.test(id)) return null;
      const messages = JSON.parse(source) as Record<string, string>;
      const compiled: Record<string, unknown> = {};
      for (const [key, message] of Object.entries(messages)) {
        const tokens = compileMessage(message);
        compiled[key] = tokens.length === 1 && typeof tokens[0] === "string" ? tokens[0] : tokens;
      }
      return { code: JSON.stringify(compiled), map: null };
    },
  };
}
