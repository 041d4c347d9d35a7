/** What one job may use. Every job starts from the full limits, whatever ran before it. */
export interface Limits {
  /** Milliseconds for loading the program and all of its cases together, 10 to 600,000. Default 2,000. */
  readonly wallMs: number
  /** Bytes the program may allocate, 1 MiB to 1 GiB; the interpreter itself takes 16 MiB more. Default 64 MiB. */
  readonly memoryBytes: number
  /**
   * UTF-8 bytes of all that leaves the sandbox in one job, 256 bytes to 16 MiB: console text, results and error messages
   * in the sandbox's own encoding, which is a few bytes a value longer than JSON. Default 64 KiB.
   */
  readonly outputBytes: number
}

/** Two seconds and 64 MiB are ample for a textbook exercise; QuickJS runs loops about ten times slower than V8. */
export const defaultLimits: Limits = { wallMs: 2000, memoryBytes: 64 * 1024 * 1024, outputBytes: 64 * 1024 }

const bounds: { readonly [name in keyof Limits]: readonly [least: number, most: number] } = {
  wallMs: [10, 600_000],
  memoryBytes: [1024 * 1024, 1024 * 1024 * 1024],
  outputBytes: [256, 16 * 1024 * 1024]
}

/** Fills in the defaults. Throws a RangeError that names the limit when one is out of its bounds. */
export const completeLimits = (limits: Partial<Limits> = {}): Limits => {
  const complete = { ...defaultLimits, ...limits }
  for (const name of ["wallMs", "memoryBytes", "outputBytes"] as const) {
    const [least, most] = bounds[name]
    if (!Number.isFinite(complete[name]) || complete[name] < least || complete[name] > most) {
      throw new RangeError(`The limit ${name} must be between ${least} and ${most}, not ${complete[name]}.`)
    }
  }
  return complete
}
