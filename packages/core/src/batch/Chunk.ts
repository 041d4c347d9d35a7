import type { HeldCall } from "../LedgerJournal.ts"
import type { BatchLine } from "./BatchLine.ts"

/** Lines that are bought together, as one batch. Its attempts carry its name, so that the journal alone can tell it again. */
export interface Chunk {
  readonly id: string
  readonly lines: ReadonlyArray<ChunkLine>
  /** When its first line was reserved, in UTC milliseconds. */
  readonly since: number
}

export interface ChunkLine {
  readonly line: BatchLine
  readonly attemptId: string
}

/** The attempt of one line: unique, and telling its chunk. */
export const attemptIdOf = (chunk: string, index: number): string => `batch-${chunk}-${index}`

/** Puts the chunks of an earlier process together again, from what the journal holds for the lines that are wanted. */
export const chunksOf = (
  held: ReadonlyArray<HeldCall>,
  lineByKey: ReadonlyMap<string, BatchLine>
): ReadonlyArray<Chunk> => {
  const chunks = new Map<string, { readonly lines: Array<ChunkLine>; since: number }>()
  for (const { attemptId, key, reservedAt } of held) {
    const id = /^batch-([0-9a-f]+)-\d+$/.exec(attemptId)?.[1]
    const line = lineByKey.get(key)
    if (id === undefined || line === undefined) continue
    const chunk = chunks.get(id) ?? { lines: [], since: reservedAt }
    chunk.lines.push({ line, attemptId })
    chunk.since = Math.min(chunk.since, reservedAt)
    chunks.set(id, chunk)
  }
  return Array.from(chunks, ([id, chunk]) => ({ id, ...chunk }))
}
