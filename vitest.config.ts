import { defineConfig } from "vitest/config";

// Workspace packages are tested from their source, not from what was last built.
const source = "@stellaops/source";

export default defineConfig({
  ssr: {
    resolve: {
      conditions: [source, "module", "node", "development|production"],
      externalConditions: [source, "node", "module-sync"],
    },
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tooling/*/test/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    // What is waited for comes when it comes: a slow machine is no failure.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
    reporters: ["default", ["json", { outputFile: ".reports/tests.json" }]],
  },
});
