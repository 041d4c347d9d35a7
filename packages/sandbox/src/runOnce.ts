import type { Json, NotJson } from "./Json.ts"
import type { Limits } from "./Limits.ts"
import type { ProgramOutcome } from "./Program.ts"
import { createSandbox } from "./Sandbox.ts"

/** What one program printed, what it came to (absent unless it ran to its end), and how it ended. */
export interface ProgramReport {
  readonly output: string
  readonly result?: Json | NotJson
  readonly outcome: ProgramOutcome
}

/** Runs one program in a sandbox made for it, about 0.1 s more than in a pool. Rejects when a limit is out of bounds. */
export const runJavaScript = (source: string, limits?: Partial<Limits>): Promise<ProgramReport> =>
  runOnce("javascript", source, limits)

/** As `runJavaScript`; types are stripped, not checked. */
export const runTypeScript = (source: string, limits?: Partial<Limits>): Promise<ProgramReport> =>
  runOnce("typescript", source, limits)

const runOnce = async (
  language: "javascript" | "typescript",
  source: string,
  limits: Partial<Limits> = {}
): Promise<ProgramReport> => {
  const sandbox = createSandbox()
  try {
    const outcome = await sandbox.runProgram({ language, source, limits })
    const { output } = outcome
    return outcome._tag === "Ran" ? { output, result: outcome.result, outcome } : { output, outcome }
  } finally {
    await sandbox.close()
  }
}
