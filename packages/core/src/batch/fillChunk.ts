import type { BatchLine } from "./BatchLine.ts"
import { encodeLine, expectedOutputBytes } from "./BatchLine.ts"
import type { ChunkLimits } from "./BatchOptions.ts"

const defaults = { lines: 50_000, inputBytes: 200_000_000, outputBytes: 24 * 1024 * 1024 }

/** How many of the first lines of a queue may go into one batch: of one model, and within the limits; always at least one. */
export const fillChunk = (
  queue: ReadonlyArray<BatchLine>,
  limits: ChunkLimits = {}
): { readonly taken: ReadonlyArray<BatchLine>; readonly left: ReadonlyArray<BatchLine> } => {
  const most = { ...defaults, ...limits }
  const model = queue[0]?.call.model.slug
  const taken: Array<BatchLine> = []
  const left: Array<BatchLine> = []
  let [input, output] = [0, 0]
  let full = false
  for (const line of queue) {
    // Once one did not fit no other is measured: that takes its whole text, and a queue may be long.
    if (full || line.call.model.slug !== model) {
      left.push(line)
      continue
    }
    input += Buffer.byteLength(encodeLine(line)) + 1
    output += expectedOutputBytes(line.call.request)
    full = taken.length >= most.lines || input > most.inputBytes || output > most.outputBytes
    if (full && taken.length > 0) left.push(line)
    else taken.push(line)
  }
  return { taken, left }
}
