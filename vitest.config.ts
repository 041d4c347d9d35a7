import { defineConfig } from "vitest/config"
import Tally from "./scripts/vitest-tally.ts"

// One project a room, so that `--project @assay/core` runs one room's tests.
const rooms = {
  "@assay/core": "packages/core",
  "@assay/statistics": "packages/statistics",
  "@assay/sandbox": "packages/sandbox",
  "@assay/harness": "packages/harness",
  "@assay/store": "packages/store",
  "@assay/simulator": "packages/simulator",
  "@assay/tui": "apps/tui",
  assay: "apps/evals",
  suites: "evals",
  house: "."
}

export default defineConfig({
  test: {
    reporters: ["default", new Tally()],
    projects: Object.entries(rooms).map(([name, root]) => ({
      extends: true as const,
      test: {
        name,
        root,
        include: root === "evals" ? ["*/test/**/*.test.ts"] : ["test/**/*.test.{ts,tsx}"]
      }
    }))
  }
})
