// How the page is tested in a browser: one file after another, since each starts servers of its own, without a network.

import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: { include: ["e2e/**/*.spec.ts"], setupFiles: ["e2e/offline.ts"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false, environment: "node" },
});
