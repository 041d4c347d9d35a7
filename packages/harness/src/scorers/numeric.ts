import { scored, zero } from "../Score.ts"
import type { Scorer } from "../Scorer.ts"
import { readNumber } from "./readNumber.ts"

/** Right when the answer read from the output is within `tolerance` (absolute, default 0) of the target. */
export const numeric = (options: { readonly tolerance?: number } = {}): Scorer<unknown, number> => ({
  name: "numeric",
  version: 1,
  options,
  score: ({ output, target }) => {
    const answer = readNumber(output)
    if (answer === undefined) return zero("The output has no number.")
    // Decimals such as 0.1 + 0.2 are off by a few units in the last place; no author means those.
    const rounding = Math.abs(target) * 4 * Number.EPSILON
    const right = Math.abs(answer.value - target) <= (options.tolerance ?? 0) + rounding
    return scored({
      value: right ? 1 : 0,
      explanation: `Read ${answer.text} from ${answer.from}; the target is ${target}.`,
      details: { answer: answer.value, from: answer.from }
    })
  }
})
