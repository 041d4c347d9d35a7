const size = 1_000_000

/** Outputs of a million characters, each of one part over and over. */
export const hostile = (parts: ReadonlyArray<string>): ReadonlyArray<[string, string]> =>
  parts.map((part) => [part, part.repeat(Math.ceil(size / part.length))])

/** Milliseconds of this thread's own time in the fastest of five calls: the machine may be busy with something else. */
export const fastest = (work: () => unknown): number =>
  Math.min(
    ...Array.from({ length: 5 }, () => {
      const started = process.threadCpuUsage()
      work()
      const { user, system } = process.threadCpuUsage(started)
      return (user + system) / 1000
    })
  )
