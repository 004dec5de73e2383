// How the page is built: static files with hashed names that lie anywhere below any path, and how its tests run.

import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The product's version is the workspace's; the page has none of its own. */
function version(): string {
  const manifest = readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8");
  return /^version = "([^"]+)"/m.exec(manifest)?.[1] ?? "0.0.0";
}

export default defineConfig({
  // The page may be served from `/` as well as from a stage such as `/prod/`.
  base: "./",
  plugins: [react()],
  define: { __VERSION__: JSON.stringify(version()) },
  build: {
    target: "es2022",
    // The content security policy knows no inline data but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      // A file whose name ends in eight hexadecimal digits may be kept for ever: see `deploy::site::kind`.
      output: { hashCharacters: "hex" },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { hashCharacters: "hex" } } },
  test: { include: ["tests/**/*.test.{ts,tsx}"], environment: "node" },
});
