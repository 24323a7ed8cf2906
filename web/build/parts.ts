/**
 * Vite plugin: writes into the page which files the start and a work item need, by language, so that
 * public/preferences.js can ask for them before the client runs: each journey counts on a poor network.
 */
import type { Plugin } from "vite";

/** What is needed together, by the modules that are fetched (as paths end). */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "start-en": ["/i18n/en.json"],
  "start-zh": ["/i18n/zh.json"],
  work: ["/screens/work_item/work_item.tsx"],
  "work-en": ["countersign:messages/en"],
  "work-zh": ["countersign:messages/zh"],
};

export function parts(): Plugin {
  return {
    name: "countersign-parts",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
        return Object.entries(PARTS).map(([name, modules]) => {
          const files = modules.map((module) => {
            const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)));
            if (chunk === undefined) throw new Error(`No part of the client holds ${module}.`);
            return `/${chunk.fileName}`;
          });
          return {
            tag: "meta",
            attrs: { name: `parts-${name}`, content: files.join(" ") },
            injectTo: "head-prepend" as const,
          };
        });
      },
    },
  };
}
