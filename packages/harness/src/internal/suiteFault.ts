import type { Suite } from "../Suite.ts"

/** Why a suite cannot be run, whatever its files hold, in a sentence; undefined when nothing is wrong. */
export const suiteFault = <Input, Target, Simulation>(suite: Suite<Input, Target, Simulation>): string | undefined => {
  if (suite.prompts.length === 0) return "it has no prompts"
  if (suite.settings.length === 0) return "it has no settings"
  const { trials = 1, scorers } = suite
  if (!Number.isSafeInteger(trials) || trials < 1) return `trials is ${trials}, and must be a whole number of 1 or more`
  if (scorers.length === 0) return "it has no scorers, so every trial would pass"
  if (scorers.every(({ required }) => required === false)) {
    return "none of its scorers is required, so every trial would pass"
  }
  const twice = scorers.find(({ name }, index) => scorers.findIndex((other) => other.name === name) < index)
  if (twice !== undefined) return `two of its scorers are called "${twice.name}"`
  const unreachable = scorers.find(({ passAt = 1 }) => !(passAt >= 0 && passAt <= 1))
  return unreachable === undefined
    ? undefined
    : `passAt of the scorer "${unreachable.name}" is ${unreachable.passAt}, and must be from 0 to 1`
}
