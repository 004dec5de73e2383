// Builds the benchmark's own page, which holds the product's renderer and the ways that it is measured against.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  base: "./",
  plugins: [react()],
  define: { __VERSION__: JSON.stringify("bench") },
  build: { target: "es2022", assetsInlineLimit: 0, reportCompressedSize: false },
  worker: { format: "es" },
});
