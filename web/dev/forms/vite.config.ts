/** Builds the page of sample forms into dev/forms/dist, with the product's plugins but without its service worker. */
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { leanJsonForms } from "../../src/forms/jsonforms/build_plugin.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [leanJsonForms(), react()],
  build: { outDir: here("dist"), emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, manifest: true },
});
