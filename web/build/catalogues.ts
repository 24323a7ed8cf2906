/**
 * Vite plugin: compiles the message catalogues (i18n/en.json, i18n/zh.json) while building.
 *
 * The client then carries no ICU parser: each message arrives as Lingui's list of tokens.
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
        compiled[key] = compileMessage(message);
      }
      return { code: JSON.stringify(compiled), map: null };
    },
  };
}
