import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "solver/src/**/*.test.ts", "solver/test/**/*.test.ts", "test/**/*.test.ts"],
    // Exact solves run in here; a limit near what they need would make a loaded machine fail the tests.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Solves start threads of their own: more workers than this only fight for the cores.
    maxWorkers: 2,
  },
});
