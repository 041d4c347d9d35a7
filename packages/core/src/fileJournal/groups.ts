import { crc32 } from "node:zlib"
import { decodeOperation, encodeOperation, type Operation } from "./Operation.ts"

// A file is a row of groups. A group is what one write brought to the disk together: lines of a checksum and an operation,
// and an empty line that closes it. A crash can only spoil the last group, since the one before was on disk by then.

export const formatVersion = 1

const newline = 0x0a
const lineEnd = Buffer.from("\n")
const checksumLength = 8

const checksum = (bytes: Buffer): string => crc32(bytes).toString(16).padStart(checksumLength, "0")

export interface WrittenGroup {
  readonly bytes: Buffer
  /** Where each line's JSON is, from the start of the group. */
  readonly places: ReadonlyArray<{ readonly offset: number; readonly length: number }>
}

export const encodeGroup = (operations: ReadonlyArray<Operation>): WrittenGroup => {
  const parts: Array<Buffer> = []
  const places: Array<{ offset: number; length: number }> = []
  let offset = 0
  for (const operation of operations) {
    const json = Buffer.from(encodeOperation(operation))
    const line = Buffer.concat([Buffer.from(`${checksum(json)} `), json, lineEnd])
    places.push({ offset: offset + checksumLength + 1, length: json.length })
    parts.push(line)
    offset += line.length
  }
  parts.push(lineEnd)
  return { bytes: Buffer.concat(parts), places }
}

/** The group that every file begins with. */
export const firstGroup: Buffer = encodeGroup([{ op: "begin", format: formatVersion }]).bytes

export interface ReadLine {
  readonly operation: Operation
  readonly offset: number
  readonly length: number
}

/** What is in a file: its whole groups, where they end, and whether a torn one follows or the damage is inside. */
export interface ReadResult {
  /** Bytes of whole groups from the start. */
  readonly wholeBytes: number
  readonly end: "whole" | "torn" | "damaged"
}

/**
 * Reads groups in order from chunks of a file of any size, and gives each to `onGroup`. What no crash can explain, a
 * spoilt group before a whole one, is damage.
 */
export const makeGroupReader = (onGroup: (lines: ReadonlyArray<ReadLine>) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  /** Where `rest` begins in the file. */
  let position = 0
  let wholeBytes = 0
  let group: Array<ReadLine> = []
  let lines = 0
  let groupIsSound = true
  let spoilt = false
  let damaged = false

  const closeGroup = (end: number) => {
    if (!groupIsSound || lines === 0) spoilt = true
    else if (spoilt) damaged = true
    else {
      onGroup(group)
      wholeBytes = end
    }
    group = []
    lines = 0
    groupIsSound = true
  }

  const readLine = (line: Buffer, offset: number) => {
    if (line.length === 0) return closeGroup(offset + 1)
    lines += 1
    const json = line.subarray(checksumLength + 1)
    groupIsSound &&= line.toString("latin1", 0, checksumLength + 1) === `${checksum(json)} `
    if (!groupIsSound || spoilt) return
    group.push({
      operation: decodeOperation(json.toString()),
      offset: offset + checksumLength + 1,
      length: json.length
    })
  }

  return {
    push: (chunk: Buffer): void => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      for (let end = bytes.indexOf(newline, start); end >= 0; end = bytes.indexOf(newline, start)) {
        readLine(bytes.subarray(start, end), position + start)
        start = end + 1
      }
      rest = Buffer.from(bytes.subarray(start))
      position += start
    },
    finish: (): ReadResult => {
      const whole = !spoilt && rest.length === 0 && lines === 0
      return { wholeBytes, end: damaged ? "damaged" : whole ? "whole" : "torn" }
    }
  }
}
