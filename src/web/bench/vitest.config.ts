// How the page is measured: one thing after another.

import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: { include: ["bench/**/*.spec.ts"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false, environment: "node" },
});
