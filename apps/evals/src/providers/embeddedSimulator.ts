import { type Provider, simulator } from "@assay/core"
import { type Plan, renderTrial } from "@assay/harness"
import { hashMessages, type SimulatedAnswer, type Simulator, startSimulator } from "@assay/simulator"
import { Effect, Redacted } from "effect"

/** So long takes a simulated reply at medium effort: enough to see a run live, not enough to wait for it. */
const medianLatencyMillis = 120

/** Starts the stand-in inside this process for as long as the scope lives. */
export const startEmbeddedSimulator = (answers: Map<string, SimulatedAnswer>) =>
  Effect.acquireRelease(
    Effect.promise(() => startSimulator({ answers, latency: { medianMs: medianLatencyMillis, spread: 0.4 } })),
    (started) => Effect.promise(() => started.close())
  )

/** The provider that calls a simulator, wherever it listens. */
export const simulatorProvider = ({ url, apiKey }: Pick<Simulator, "url" | "apiKey">): Provider =>
  simulator(Redacted.make(apiKey), url)

/**
 * What the simulated model has to know to answer a plan's prompts: for each rendered prompt the right answer, plausible
 * wrong ones and the difficulty. Suites without `simulate` get generic replies.
 */
export const answersOf = (plan: Plan): Map<string, SimulatedAnswer> => {
  const answers = new Map<string, SimulatedAnswer>()
  for (const suite of plan.suites) {
    if (suite.simulate === undefined) continue
    for (const sample of suite.samples) {
      const truth = suite.simulate(sample)
      for (const variant of suite.variants) {
        answers.set(hashMessages(renderTrial({ variant, sample }).messages), truth)
      }
    }
  }
  return answers
}
