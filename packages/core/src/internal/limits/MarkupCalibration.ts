import type { Charge, Usage } from "../../Completion.ts"
import type { Call } from "../../resolveCall.ts"
import { listPriceOf } from "../listPriceOf.ts"

/** Headroom on a markup that was seen: bounds are for charges that were not seen yet. */
const headroomPercent = 105n

/**
 * Learns what a provider really asks for over the list price, from charges that it states itself. Never below what was
 * declared of the provider.
 */
export const makeMarkupCalibration = (declaredPercent: number) => {
  let percent = declaredPercent
  return {
    /** What bounds are made with, as a percentage of the list price. */
    percent: () => percent,
    /** Whether this charge raised it. A charge within the declared markup teaches nothing. */
    observe: (charge: Charge, usage: Usage | undefined, { model }: Call): boolean => {
      if (charge.source !== "header" || usage === undefined) return false
      const listPrice = listPriceOf(usage, model)
      if (listPrice === 0n || charge.amount * 100n <= listPrice * BigInt(Math.ceil(declaredPercent))) return false
      const seen = Number((charge.amount * headroomPercent + listPrice - 1n) / listPrice)
      if (seen <= percent) return false
      percent = seen
      return true
    }
  }
}
