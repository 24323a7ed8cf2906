/**
 * Vite plugin that makes JSON Forms fit our policy and our budget: Ajv stays out, and lodash, two thirds of
 * the weight, is replaced by the few functions JSON Forms calls (`lodash.ts`). And it splits forms/messages.json,
 * the table that server and client share, by language. For the build and the tests alike.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const STAND_INS: Readonly<Record<string, string>> = {
  ajv: here("no_ajv.ts"),
  "ajv-formats": here("no_ajv_formats.ts"),
};
const MESSAGES = here("../../../../forms/messages.json");
const SPOKEN = /^countersign:messages\/(en|zh)$/;
const MARK = "\0countersign-lodash:";
const OTHER_NAMES: Readonly<Record<string, string>> = { "fp/set": "fpSet", "fp/unset": "fpUnset" };

export function leanJsonForms(): Plugin {
  return {
    name: "countersign-lean-json-forms",
    enforce: "pre",
    resolveId(source, importer) {
      if (SPOKEN.test(source)) return `\0${source}`;
      if (importer?.includes("@jsonforms") !== true) return null;
      if (source.startsWith("lodash/")) return MARK + source.slice("lodash/".length);
      return STAND_INS[source] ?? null;
    },
    load(id) {
      const language = SPOKEN.exec(id.slice(1))?.[1];
      if (language !== undefined) {
        this.addWatchFile(MESSAGES);
        const table = JSON.parse(readFileSync(MESSAGES, "utf8")) as Record<string, Record<string, string>>;
        const part = Object.fromEntries(Object.entries(table).map(([code, text]) => [code, text[language]]));
        return `export default ${JSON.stringify(part)};`;
      }
      if (!id.startsWith(MARK)) return null;
      const name = id.slice(MARK.length);
      const ours = JSON.stringify(here("lodash.ts"));
      return `export { ${OTHER_NAMES[name] ?? name} as default } from ${ours};`;
    },
  };
}
