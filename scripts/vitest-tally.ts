import type { Reporter, TestModule } from "vitest/node"

/** Closes a run with one plain line, `N passed, N failed, N skipped`, for logs that other tools read. */
export default class Tally implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      const tests = Array.from(module.children.allTests())
      for (const test of tests) count[test.result().state] += 1
      if (tests.length === 0 && !module.ok()) count.failed += 1
    }
    process.once("exit", () => {
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`)
    })
  }
}
