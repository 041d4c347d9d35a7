import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { refuseDamaged, refuseForeign, refuseNewer } from "./FileJournalRefused.ts"
import { encodeGroup, firstGroup, formatVersion, makeGroupReader, type ReadLine } from "./groups.ts"
import { LedgerState, type Place } from "./LedgerState.ts"
import { decodeOperation, type Operation } from "./Operation.ts"

export interface OpenedJournal {
  readonly handle: FileHandle
  readonly state: LedgerState
  /** Bytes of whole groups: where the next one goes. */
  readonly length: number
}

const chunkBytes = 1 << 20
/** Operations in one group of a compacted file. */
const compactedGroup = 256

/**
 * Opens or creates a journal, does again all that is in it, and cuts off what a crash left of a last group: nobody was told
 * that it is on disk. A file above `compactAbove` bytes, over half of which no longer matters, is written anew.
 */
export const openJournalFile = async (file: string, compactAbove: number): Promise<OpenedJournal> => {
  const opened = await replayFile(file)
  try {
    if (opened.length <= compactAbove || 2 * (await liveBytes(opened)) > opened.length) return opened
    await compact(file, opened)
  } catch (error) {
    await opened.handle.close()
    throw error
  }
  await opened.handle.close()
  return replayFile(file)
}

const replayFile = async (file: string): Promise<OpenedJournal> => {
  const handle = await open(file, "a+", 0o600).then(async (created) => {
    await created.chmod(0o600)
    await created.close()
    // Not for appending: that mode ignores where a write is to go.
    return open(file, "r+")
  })
  try {
    return await replay(file, handle)
  } catch (error) {
    await handle.close()
    throw error
  }
}

const replay = async (file: string, handle: FileHandle): Promise<OpenedJournal> => {
  const state = new LedgerState()
  const { size } = await handle.stat()
  if (!(await beginsAsOurs(file, handle, size))) throw refuseForeign(file)
  const reader = makeGroupReader((lines) => {
    for (const line of lines) apply(state, line)
  })
  const chunk = Buffer.alloc(chunkBytes)
  for (let position = 0; position < size; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) break
    reader.push(chunk.subarray(0, bytesRead))
    position += bytesRead
  }
  const { wholeBytes, end } = reader.finish()
  if (end === "damaged") throw refuseDamaged(file, wholeBytes)
  if (end === "torn") {
    await handle.truncate(wholeBytes)
    await handle.datasync()
  }
  if (wholeBytes > 0) return { handle, state, length: wholeBytes }
  await writeAll(handle, firstGroup, 0)
  await handle.datasync()
  await syncFolder(file)
  return { handle, state, length: firstGroup.length }
}

const apply = (state: LedgerState, { operation, offset, length }: ReadLine): void =>
  state.apply(operation, { place: { offset, length }, waiting: undefined })

/** A new file, one of ours, or one whose very first group was torn. */
const beginsAsOurs = async (file: string, handle: FileHandle, size: number): Promise<boolean> => {
  const start = Buffer.alloc(Math.min(size, 64))
  await handle.read(start, 0, start.length, 0)
  if (firstGroup.subarray(0, start.length).equals(start.subarray(0, firstGroup.length))) return true
  const line = start.toString().split("\n")[0]?.slice(9) ?? ""
  const format = /^\{"op":"begin","format":(\d+)\}$/.exec(line)?.[1]
  if (format !== undefined && Number(format) > formatVersion) throw refuseNewer(file, Number(format))
  return false
}

/** Writes all of the bytes: one call may write only some. */
export const writeAll = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** The operation whose line is at a place. */
export const readOperation = async (handle: FileHandle, { offset, length }: Place): Promise<Operation> => {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, offset)
  if (bytesRead < length) throw new Error(`the journal is shorter than ${offset + length} bytes`)
  return decodeOperation(bytes.toString())
}

/** About as much as a compacted file would have: replies are most of it. */
const liveBytes = ({ state }: OpenedJournal): number => {
  let bytes = (state.attempts.size + state.budgets.size) * 300
  for (const { slot } of state.replies.values()) bytes += slot.place?.length ?? 0
  return bytes
}

/** Writes what still matters to another file and puts it in this one's place, which happens wholly or not at all. */
const compact = async (file: string, opened: OpenedJournal): Promise<void> => {
  const fresh = `${file}.compacting`
  await rm(fresh, { force: true })
  const target = await open(fresh, "wx", 0o600)
  try {
    let position = 0
    const write = async (operations: ReadonlyArray<Operation>) => {
      const { bytes } = encodeGroup(operations)
      await writeAll(target, bytes, position)
      position += bytes.length
    }
    await write([{ op: "begin", format: formatVersion }])
    let group: Array<Operation> = []
    for await (const operation of snapshot(opened)) {
      group.push(operation)
      if (group.length < compactedGroup) continue
      await write(group)
      group = []
    }
    if (group.length > 0) await write(group)
    await target.sync()
  } finally {
    await target.close()
  }
  await rename(fresh, file)
  await syncFolder(file)
}

async function* snapshot({ handle, state }: OpenedJournal): AsyncGenerator<Operation> {
  for (const [budget, { limit, settled }] of state.budgets) yield { op: "totals", budget, limit, settled }
  for (const attempt of state.attempts.values()) {
    const { state: how, ...rest } = attempt
    if (how === "held") yield { op: "held", ...rest }
    else yield { op: "reserve", ...rest }
  }
  for (const known of state.replies.values()) {
    const { attemptId, budget, key, charge, latencyMillis, slot } = known
    const reply = slot.place === undefined ? undefined : replyOf(await readOperation(handle, slot.place))
    if (reply !== undefined) yield { op: "reply", attemptId, budget, key, charge, latencyMillis, reply }
  }
}

/** The reply that an operation brought. */
export const replyOf = (operation: Operation) => {
  if (operation.op === "settle" || operation.op === "reply") return operation.reply
  return operation.op === "resolve" ? operation.late?.reply : undefined
}

/** A new name in a folder is durable once the folder is. Where a folder cannot be opened, nothing can be done about it. */
const syncFolder = async (file: string): Promise<void> => {
  const folder = await open(dirname(file), "r").catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
