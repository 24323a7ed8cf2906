/** How the client is built and tested. Nothing here fetches from outside: fonts, workers and icons are ours. */
import react from "@vitejs/plugin-react";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

import { catalogues } from "./build/catalogues.ts";
import { parts } from "./build/parts.ts";
import { leanJsonForms } from "./src/forms/jsonforms/build_plugin.ts";

export default defineConfig({
  plugins: [
    catalogues(),
    parts(),
    leanJsonForms(),
    react(),
    VitePWA({
      // A new version waits until the person agrees: never under an open form or a signing dialog.
      registerType: "prompt",
      injectRegister: null,
      manifest: {
        id: "/",
        name: "Countersign 会签",
        short_name: "Countersign",
        description: "Worklists, forms and signatures for makers of medical devices.",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#f4f5f2",
        theme_color: "#14433f",
        icons: [
          { src: "/icons/mark.svg", sizes: "any", type: "image/svg+xml" },
          { src: "/icons/mark-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icons/mark-512.png", sizes: "512x512", type: "image/png" },
          {
            src: "/icons/mark-maskable-512.png",
            sizes: "512x512",
            type: "image/png",
            purpose: "maskable",
          },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,png,woff2}"],
        // Large parts that not everybody opens come at first use and stay (see runtimeCaching).
        globIgnores: ["**/diagram-*", "**/camera_worker-*", "**/*.wasm", "**/icons/*-512.png"],
        navigateFallback: "/index.html",
        navigateFallbackDenylist: [/^\/api\//, /^\/respond\//],
        cleanupOutdatedCaches: true,
        clientsClaim: false,
        skipWaiting: false,
        runtimeCaching: [
          {
            // The names carry the content hash, so a page of the version before still finds its parts.
            urlPattern: /\/assets\/[^/]+\.(?:js|css|wasm|woff2)$/,
            handler: "CacheFirst",
            options: { cacheName: "assets", expiration: { maxEntries: 120, maxAgeSeconds: 60 * 24 * 3600 } },
          },
          {
            urlPattern: /\/api\/(?:forms|definitions|attachments)\/[0-9a-f]{64}/,
            handler: "CacheFirst",
            options: {
              cacheName: "content-addressed",
              expiration: { maxEntries: 400 },
              cacheableResponse: { statuses: [200] },
            },
          },
        ],
      },
    }),
  ],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    sourcemap: false,
    // An inlined asset would be a data: address, which the Content-Security-Policy need not allow.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A cheap phone waits for each file: what is always needed together travels in one, the start of the
          // client, and what opening a form needs.
          groups: [
            { name: "start", tags: ["$initial"], priority: 2 },
            {
              name: "form",
              test: /\/src\/(?:screens\/work_item\/(?:work_item|open_work_item)\.tsx|forms\/index\.tsx)$/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}", "src/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    // So that the tests meet JSON Forms as it is built: without Ajv, with our few lodash functions.
    server: { deps: { inline: [/@jsonforms/] } },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
