interface Line {
  readonly op: string
  readonly attemptId: string
  readonly bound?: string
  readonly charge?: { readonly amount: string }
  readonly settled?: string
  /** Where the group that brought it to the disk ends, in bytes. */
  readonly onDiskAt: number
}

/**
 * What happened at the provider, told from the whole of a journal: an attempt is sent once its reservation is on disk, and charged
 * what its last line says, or its bound where none does.
 */
export const readTruth = (whole: Buffer) => {
  const lines: Array<Line> = []
  let end = 0
  for (const group of whole.toString().split("\n\n").slice(0, -1)) {
    end += Buffer.byteLength(group) + 2
    for (const line of group.split("\n")) lines.push({ ...(JSON.parse(line.slice(9)) as Line), onDiskAt: end })
  }
  const charges = new Map<string, bigint>()
  for (const { op, attemptId, bound, charge, settled } of lines) {
    if (op === "reserve") charges.set(attemptId, BigInt(bound ?? 0))
    if (op === "release") charges.set(attemptId, 0n)
    if (op === "settle") charges.set(attemptId, BigInt(charge?.amount ?? 0))
    if (op === "resolve") charges.set(attemptId, BigInt(settled ?? 0))
  }
  return {
    /** The most that was charged when the disk had so many bytes, in pico-credits. */
    chargedBy: (bytes: number): bigint =>
      lines.reduce(
        (sum, { op, attemptId, onDiskAt }) =>
          op === "reserve" && onDiskAt <= bytes ? sum + (charges.get(attemptId) ?? 0n) : sum,
        0n
      ),
    settledBy: (attempt: string, bytes: number): boolean =>
      lines.some(({ op, attemptId, onDiskAt }) => op === "settle" && attemptId === attempt && onDiskAt <= bytes)
  }
}
