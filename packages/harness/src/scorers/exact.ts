import { scored, zero } from "../Score.ts"
import type { Scorer } from "../Scorer.ts"

/** Right when the whole output, without space around it, is the target; letter case counts unless told otherwise. */
export const exact = (options: { readonly ignoreCase?: boolean } = {}): Scorer<unknown, string> => ({
  name: "exact",
  version: 1,
  options,
  score: ({ output, target }) => {
    const normal = (text: string) => (options.ignoreCase === true ? text.trim().toLowerCase() : text.trim())
    if (normal(output) === normal(target)) return scored({ value: 1, explanation: "The output is the target." })
    if (output.trim() === "") return zero("The output is empty.")
    return zero(`The output is not the target "${target}".`)
  }
})
