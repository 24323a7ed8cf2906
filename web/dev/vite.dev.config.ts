/** Builds the client into dev/dist to be looked at with fake_server.py while parts of it are still being written. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { mergeConfig } from "vite";

import product from "../vite.config.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default mergeConfig(product, {
  root: here(".."),
  build: { outDir: here("dist"), emptyOutDir: true },
  plugins: [
    {
      name: "missing-parts",
      enforce: "pre" as const,
      resolveId(source: string) {
        if (source.endsWith("forms/index.tsx") && process.env["STAND_INS"])
          return here("form_stand_in.tsx");
        if (source.endsWith("/identifiers.ts") && !existsSync(here("../src/scanning/identifiers.ts")))
          return here("identifiers_stand_in.ts");
        return null;
      },
    },
  ],
});
