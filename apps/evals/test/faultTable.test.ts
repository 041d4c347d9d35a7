import {
  type CompletionRequest,
  callBound,
  findModel,
  formatCredits,
  Ledger,
  layerLedgerJournalMemory,
  ModelClient,
  type Provider,
  segmindV2,
  simulator as simulatorProvider
} from "@assay/core"
import { layer as layerNetwork } from "@assay/core/node"
import { type Fault, randomFaults, type Simulator, startSimulator } from "@assay/simulator"
import { Clock, Duration, Effect, Layer, Random, Redacted, Result } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"

/**
 * What every fault of the wire contract (W5) must come to, written from the contract and from docs/guides/retries.md
 * before the client was run against it: not what the client does, but what it shall do.
 *
 * Amounts are symbols: C is what the call costs at list price, U its bound, L the exact 0.001 that a header says, X an
 * odd charge of 0.002. `attempts` counts what reached the provider. `next` is the fate of a second call, of another prompt.
 */
interface Row {
  readonly name: string
  /** By the index of the attempt. */
  readonly faults: ReadonlyArray<Fault>
  readonly outcome: string
  readonly attempts: number
  readonly settled: Amount
  readonly held: Amount
  readonly charged: Amount
  readonly next?: string
  /** On `/v2`: submit and poll. */
  readonly v2?: true
  /** The client gives an attempt up after 100 ms, and the provider's clock stands still until it has. */
  readonly impatient?: true
}

type Amount = "0" | "C" | "U" | "U-C" | "L" | "X" | "2U"

const answered = { attempts: 1, settled: "C", held: "0", charged: "C" } as const
const refused = { attempts: 1, settled: "0", held: "0", charged: "0" } as const
const lostFree = { outcome: "CallInDoubt", attempts: 1, settled: "0", held: "U", charged: "0" } as const
const lostPaid = { outcome: "CallInDoubt", attempts: 1, settled: "0", held: "U", charged: "C" } as const
const estimated = { outcome: "stop", attempts: 1, settled: "C", held: "U-C", charged: "C" } as const
const useless = { outcome: "UnexpectedReply", attempts: 1, settled: "C", held: "0", charged: "C" } as const
const again = { outcome: "stop", attempts: 2, settled: "C", held: "0", charged: "C" } as const

const throttled = (reset: Extract<Fault, { readonly _tag: "RateLimited" }>["reset"]): Fault => ({
  _tag: "RateLimited",
  reset
})
const header = (name: string, value: string | ReadonlyArray<string> | null): Fault => ({ _tag: "Header", name, value })
const failure = (message: string): Fault => ({ _tag: "ServerError", format: "json", message })
const unacceptable = (
  reason: Extract<Fault, { readonly _tag: "NotAcceptable" }>["reason"],
  format: "json" | "text" = "json"
): Fault => ({ _tag: "NotAcceptable", reason, format })

const table: ReadonlyArray<Row> = [
  { name: "0 no fault", faults: [], outcome: "stop", ...answered },

  { name: "1 a delay", faults: [{ _tag: "Delay", ms: 3000 }], outcome: "stop", ...answered },
  {
    name: "1 a delay past the attempt's timeout",
    faults: [{ _tag: "Delay", ms: 3000 }],
    ...lostPaid,
    impatient: true
  },

  { name: "2 429, reset as ISO", faults: [throttled("iso")], ...again },
  { name: "2 429, reset as a date with a space", faults: [throttled("space")], ...again },
  { name: "2 429, reset as epoch seconds", faults: [throttled("epochSeconds")], ...again },
  { name: "2 429, reset as epoch milliseconds", faults: [throttled("epochMilliseconds")], ...again },
  { name: "2 429, reset as an HTTP date", faults: [throttled("httpDate")], ...again },
  { name: "2 429, no reset", faults: [throttled("absent")], ...again },
  { name: "2 429, reset in the past", faults: [throttled("past")], ...again },
  { name: "2 429, reset in the year 9999", faults: [throttled("absurd")], ...again },
  {
    name: "2 429 for ever",
    faults: Array.from({ length: 12 }, () => throttled("absent")),
    outcome: "RateLimited",
    attempts: 7,
    settled: "0",
    held: "0",
    charged: "0"
  },

  { name: "3 500 as JSON, once", faults: [failure("one")], ...again },
  { name: "3 500 as JSON, two texts", faults: [failure("one"), failure("two")], ...again, attempts: 3 },
  {
    name: "3 500 as JSON, the same text again",
    faults: [failure("one"), failure("one"), failure("one")],
    outcome: "ProviderFailed",
    attempts: 2,
    settled: "0",
    held: "0",
    charged: "0"
  },
  {
    name: "3 500 as JSON, three texts",
    faults: [failure("one"), failure("two"), failure("three")],
    outcome: "ProviderFailed",
    attempts: 3,
    settled: "0",
    held: "0",
    charged: "0"
  },
  { name: "3 500 as text", faults: [{ _tag: "ServerError", format: "text" }], ...lostFree },

  { name: "4 502, not charged", faults: [{ _tag: "BadGateway", status: 502, charged: false }], ...lostFree },
  { name: "4 503, not charged", faults: [{ _tag: "BadGateway", status: 503, charged: false }], ...lostFree },
  { name: "4 504, not charged", faults: [{ _tag: "BadGateway", status: 504, charged: false }], ...lostFree },
  { name: "4 524, not charged", faults: [{ _tag: "BadGateway", status: 524, charged: false }], ...lostFree },
  { name: "4 502, charged", faults: [{ _tag: "BadGateway", status: 502, charged: true }], ...lostPaid },
  { name: "4 504, charged", faults: [{ _tag: "BadGateway", status: 504, charged: true }], ...lostPaid },
  { name: "4 524, charged", faults: [{ _tag: "BadGateway", status: 524, charged: true }], ...lostPaid },

  { name: "5 reset before the charge", faults: [{ _tag: "Reset", charged: false }], ...lostFree },
  { name: "6 reset after the charge", faults: [{ _tag: "Reset", charged: true }], ...lostPaid },
  { name: "7 the body cut in half", faults: [{ _tag: "TruncatedBody" }], ...lostPaid },
  { name: "8 a 200 that is no JSON", faults: [{ _tag: "InvalidJson" }], ...useless },
  { name: "9 a 200 with an error inside", faults: [{ _tag: "ErrorInside" }], ...useless },
  { name: "10 a 200 without choices", faults: [{ _tag: "NoChoices" }], ...useless },
  { name: "11 cut by length, nothing visible", faults: [{ _tag: "EmptyLength" }], outcome: "length", ...answered },
  { name: "12 a refusal", faults: [{ _tag: "Refusal" }], outcome: "refusal", ...answered },
  { name: "13 content null", faults: [{ _tag: "NullContent" }], outcome: "stop", ...answered },
  { name: "14 no usage", faults: [{ _tag: "MissingUsage" }], outcome: "stop", ...answered },

  { name: "15 no balance", faults: [header("x-remaining-credits", null)], outcome: "stop", ...answered },
  { name: "15 an empty balance", faults: [header("x-remaining-credits", "")], outcome: "stop", ...answered },
  { name: "15 balance NaN", faults: [header("x-remaining-credits", "NaN")], outcome: "stop", ...answered },
  { name: "15 balance -1", faults: [header("x-remaining-credits", "-1")], outcome: "stop", ...answered },
  { name: "15 balance 1e-3", faults: [header("x-remaining-credits", "1e-3")], outcome: "stop", ...answered },
  {
    name: "15 a balance of a float",
    faults: [header("x-remaining-credits", "0.9800000000000001")],
    outcome: "stop",
    ...answered
  },
  { name: "15 two balances", faults: [header("x-remaining-credits", ["9", "8"])], outcome: "stop", ...answered },
  { name: "15 a balance with a comma", faults: [header("x-remaining-credits", "9,5")], outcome: "stop", ...answered },
  { name: "15 a huge balance", faults: [header("x-remaining-credits", "1e30")], outcome: "stop", ...answered },

  { name: "16 no cost", faults: [header("x-cost", null)], ...estimated },
  { name: "16 an empty cost", faults: [header("x-cost", "")], ...estimated },
  { name: "16 cost NaN", faults: [header("x-cost", "NaN")], ...estimated },
  { name: "16 cost -1", faults: [header("x-cost", "-1")], ...estimated },
  { name: "16 two costs", faults: [header("x-cost", ["0.001", "0.002"])], ...estimated },
  { name: "16 a cost with a comma", faults: [header("x-cost", "0,001")], ...estimated },
  { name: "16 a huge cost", faults: [header("x-cost", "1e30")], ...estimated },
  { name: "16 a cost in exponents", faults: [header("x-cost", "1e-3")], outcome: "stop", ...answered, settled: "L" },
  {
    name: "16 a charge that is not usage × price",
    faults: [{ _tag: "Charge", amount: 2_000_000_000n }],
    outcome: "stop",
    ...answered,
    settled: "X",
    charged: "X"
  },
  {
    name: "16 a charge over the bound",
    faults: [{ _tag: "Charge", amount: 0n }],
    outcome: "stop",
    ...answered,
    settled: "2U",
    charged: "2U",
    next: "BoundBreach"
  },

  { name: "17 a reply that comes late", faults: [{ _tag: "HeldReply", ms: 2000 }], outcome: "stop", ...answered },
  { name: "18 foreign spend", faults: [{ _tag: "SpendElsewhere", amount: 10n ** 12n }], outcome: "stop", ...answered },
  { name: "19 a top-up", faults: [{ _tag: "TopUp", amount: 10n ** 12n }], outcome: "stop", ...answered },

  { name: "20 406 content type", faults: [unacceptable("contentType")], outcome: "RequestRejected", ...refused },
  { name: "20 406 parameter", faults: [unacceptable("parameter")], outcome: "RequestRejected", ...refused },
  {
    name: "20 406 credits",
    faults: [unacceptable("credits")],
    outcome: "OutOfCredits",
    ...refused,
    next: "OutOfCredits"
  },
  {
    name: "20 406 spend limit",
    faults: [unacceptable("spendLimit")],
    outcome: "OutOfCredits",
    ...refused,
    next: "OutOfCredits"
  },
  { name: "20 406 credits as text", faults: [unacceptable("credits", "text")], outcome: "OutOfCredits", ...refused },
  {
    name: "20 406 content type as text",
    faults: [unacceptable("contentType", "text")],
    outcome: "RequestRejected",
    ...refused
  },

  {
    name: "21 the key revoked",
    faults: [{ _tag: "Unauthorized" }],
    outcome: "Unauthorized",
    ...refused,
    next: "Unauthorized"
  },
  {
    name: "22 the model retired",
    faults: [{ _tag: "Retired" }],
    outcome: "ModelRetired",
    ...refused,
    next: "ModelRetired"
  },
  { name: "23 405 as HTML", faults: [{ _tag: "MethodNotAllowed" }], outcome: "RequestRejected", ...refused },
  {
    name: "24 a body in drops",
    faults: [{ _tag: "SlowDrip", chunkBytes: 100, everyMs: 10 }],
    outcome: "stop",
    ...answered
  },
  { name: "25 charged after the client has gone", faults: [{ _tag: "LateCharge", ms: 5000 }], ...lostPaid },
  { name: "26 gzip", faults: [{ _tag: "Encoding", encoding: "gzip" }], outcome: "stop", ...answered },
  {
    name: "26 a byte order mark",
    faults: [{ _tag: "Encoding", encoding: "byteOrderMark" }],
    outcome: "stop",
    ...answered
  },
  {
    name: "26 blanks at the end",
    faults: [{ _tag: "Encoding", encoding: "trailingWhitespace" }],
    outcome: "stop",
    ...answered
  },
  {
    name: "28 a 500 after the gateway's cut-off",
    faults: [{ _tag: "ServerError", format: "json", message: "Internal Polling Error", afterMs: 100_000 }],
    ...lostFree
  },

  { name: "v2 no fault", faults: [], outcome: "stop", ...answered, v2: true },
  { name: "v2 the answer to the submit lost", faults: [{ _tag: "SubmitLost" }], ...lostPaid, v2: true },
  { name: "v2 reset before the submit was taken", faults: [{ _tag: "Reset", charged: false }], ...lostFree, v2: true },
  {
    name: "v2 the job failed",
    faults: [{ _tag: "JobFailed", message: "Prompt is Mandatory" }],
    outcome: "RequestRejected",
    ...refused,
    v2: true
  },
  { name: "v2 cut by length", faults: [{ _tag: "EmptyLength" }], outcome: "length", ...answered, v2: true },
  { name: "v2 an output without choices", faults: [{ _tag: "NoChoices" }], ...useless, v2: true },
  { name: "v2 429, then accepted", faults: [throttled("absent")], ...again, v2: true }
]

const request: CompletionRequest = {
  model: "o3-mini",
  messages: [{ role: "user", content: "Say hello." }],
  maxCompletionTokens: 1000
}
const another: CompletionRequest = { ...request, trialIndex: 1 }

/** The list price of the simulator's generic reply, as the account of another simulator tells it. */
const costOf = async (): Promise<bigint> => {
  const simulator = await start([])
  const time = leapingTime()
  await call(providerOf(simulator, false), time, { impatient: false, twice: false })
  return simulator.account.spent
}

const boundOf = (provider: Provider): bigint => {
  const model = findModel(request.model)
  if (model === undefined) throw new Error("o3-mini has left the catalogue")
  return callBound(request, model, provider)
}

/** The shortest timeout of the client, in milliseconds: that of one look at a job. Backoffs are all shorter. */
const shortestTimeout = 30_000

/** Time that client and simulator share. It leaps over every wait but the client's timeouts, which never come. */
const leapingTime = () => {
  let leapt = 0
  const waiting: Array<() => void> = []
  // @effect-diagnostics-next-line globalDate:off -- this is what makes a clock.
  const now = () => Date.now() + leapt
  const simulatorClock = (standsStill: boolean) => ({
    now,
    after: (milliseconds: number, action: () => void) => {
      let due = true
      const run = () => {
        if (!due) return
        leapt += milliseconds
        action()
      }
      if (standsStill) waiting.push(run)
      else setImmediate(run)
      return () => {
        due = false
      }
    }
  })
  const clientClock: Clock.Clock = {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
    sleep: (duration) =>
      Duration.toMillis(duration) >= shortestTimeout
        ? Effect.never
        : Effect.suspend(() => {
            leapt += Duration.toMillis(duration)
            return Effect.yieldNow
          })
  }
  const settle = () => {
    for (const run of waiting.splice(0)) run()
  }
  return { simulatorClock, clientClock, settle }
}

type Time = ReturnType<typeof leapingTime>

/** Waits for nothing and does not leap: resets are told as dates, and many leaps would put them minutes away. */
const hurried = {
  // @effect-diagnostics-next-line globalDate:off -- the replies are dated by the system, too.
  now: () => Date.now(),
  after: (_milliseconds: number, action: () => void) => {
    const immediate = setImmediate(action)
    return () => clearImmediate(immediate)
  }
}

const start = async (faults: ReadonlyArray<Fault>, clock?: ReturnType<Time["simulatorClock"]>): Promise<Simulator> => {
  const simulator = await startSimulator({
    strict: true,
    faults: Object.fromEntries(faults.entries()),
    ...(clock === undefined ? {} : { clock })
  })
  onTestFinished(() => simulator.close())
  return simulator
}

const providerOf = ({ apiKey, url }: Pick<Simulator, "apiKey" | "url">, v2: boolean): Provider =>
  v2
    ? { ...simulatorProvider(Redacted.make(apiKey), url), protocol: segmindV2(Redacted.make(apiKey)).protocol }
    : simulatorProvider(Redacted.make(apiKey), url)

/** One or two calls through the real client, over the real network, on a ledger in memory. */
const call = (provider: Provider, time: Time, options: { readonly impatient: boolean; readonly twice: boolean }) => {
  const timeout = options.impatient ? { attemptTimeoutMillis: 100 } : {}
  const layer = ModelClient.layer({ providers: [provider], ...timeout }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "run", limit: 10n ** 15n })),
    Layer.provide([layerLedgerJournalMemory, layerNetwork])
  )
  const program = Effect.gen(function* () {
    const client = yield* ModelClient
    const ledger = yield* Ledger
    const first = yield* Effect.result(client.complete(request))
    const { settled, held, reserved } = yield* ledger.totals
    const second = options.twice ? yield* Effect.result(client.complete(another)) : undefined
    return { first, second, settled, held, reserved }
  }).pipe(Effect.provide(layer), Effect.provideService(Random.Random, noJitter))
  return Effect.runPromise(options.impatient ? program : Effect.provideService(program, Clock.Clock, time.clientClock))
}

/** Backoffs of nothing; ids of attempts still differ. */
const noJitter = (() => {
  let count = 0
  return {
    nextIntUnsafe: () => count++,
    nextDoubleUnsafe: () => (count++ % 1000) * 2 ** -52
  }
})()

const tell = (result: Result.Result<{ readonly finishReason: string }, { readonly _tag: string }>): string =>
  Result.isSuccess(result) ? result.success.finishReason : result.failure._tag

describe("every fault of the wire contract, through the real client", () => {
  it.each(table)("$name", async (row) => {
    const time = leapingTime()
    const cost = await costOf()
    const bound = boundOf(providerOf({ apiKey: "", url: "" }, false))
    const faults = row.charged === "2U" ? [{ _tag: "Charge" as const, amount: 2n * bound }] : row.faults
    const simulator = await start(faults, time.simulatorClock(row.impatient === true))
    const { first, second, settled, held, reserved } = await call(providerOf(simulator, row.v2 === true), time, {
      impatient: row.impatient === true,
      twice: row.next !== undefined
    })
    time.settle()
    const symbols: Readonly<Record<string, string>> = {
      "0": "0",
      [String(cost)]: "C",
      [String(bound)]: "U",
      [String(bound - cost)]: "U-C",
      "1000000000": "L",
      "2000000000": "X",
      [String(2n * bound)]: "2U"
    }
    const symbol = (amount: bigint) => symbols[String(amount)] ?? formatCredits(amount)
    expect({
      outcome: tell(first),
      attempts: simulator.calls,
      settled: symbol(settled),
      held: symbol(held),
      charged: symbol(simulator.account.spent),
      next: second === undefined ? undefined : tell(second)
    }).toEqual({
      outcome: row.outcome,
      attempts: row.attempts,
      settled: row.settled,
      held: row.held,
      charged: row.charged,
      next: row.next
    })
    expect(simulator.violations).toEqual([])
    expect(reserved).toBe(0n)
    expect(settled + held).toBeGreaterThanOrEqual(row.settled === "L" ? 0n : simulator.account.spent)
  })

  it("27 a refused connection", async () => {
    const time = leapingTime()
    const simulator = await start([])
    const provider = providerOf(simulator, false)
    await simulator.close()
    const { first, settled, held } = await call(provider, time, { impatient: false, twice: false })
    expect(Result.isFailure(first) ? first.failure : first).toMatchObject({ _tag: "ProviderUnreachable", attempts: 5 })
    expect([settled, held]).toEqual([0n, 0n])
  })
})

describe("faults at random, through the real client", () => {
  const rates = {
    RateLimited: 0.05,
    ServerError: 0.05,
    Delay: 0.05,
    HeldReply: 0.05,
    LateCharge: 0.03,
    BadGateway: 0.04,
    Reset: 0.04,
    TruncatedBody: 0.03,
    InvalidJson: 0.03,
    ErrorInside: 0.03,
    NoChoices: 0.03,
    EmptyLength: 0.03,
    Refusal: 0.03,
    NullContent: 0.03,
    MissingUsage: 0.03,
    Encoding: 0.05,
    Header: 0.08,
    TopUp: 0.02,
    SpendElsewhere: 0.02,
    MethodNotAllowed: 0.01
  }

  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    "of seed %i never let the ledger know less than was charged",
    async (seed) => {
      const time = leapingTime()
      const simulator = await startSimulator({
        strict: true,
        faults: randomFaults({ seed, rates }),
        clock: hurried,
        credits: 10n ** 15n
      })
      onTestFinished(() => simulator.close())
      const layer = ModelClient.layer({
        providers: [providerOf(simulator, seed % 2 === 1)],
        concurrency: 16,
        circuit: { failures: Number.POSITIVE_INFINITY, retryAfter: "1 second" }
      }).pipe(
        Layer.provideMerge(Ledger.layer({ budget: "run", limit: 10n ** 15n })),
        Layer.provide([layerLedgerJournalMemory, layerNetwork])
      )
      const outcomes = await Effect.gen(function* () {
        const { complete } = yield* ModelClient
        const calls = Array.from({ length: 60 }, (_, trialIndex) => complete({ ...request, trialIndex }))
        const ends = yield* Effect.forEach(calls, Effect.result, { concurrency: "unbounded" })
        return { ends, totals: yield* (yield* Ledger).totals }
      }).pipe(
        Effect.provide(layer),
        Effect.provideService(Random.Random, noJitter),
        Effect.provideService(Clock.Clock, time.clientClock),
        Effect.runPromise
      )
      const { settled, held, reserved } = outcomes.totals
      expect(new Set(outcomes.ends.map(tell)).size, "the control: calls end in several ways").toBeGreaterThan(2)
      expect(reserved).toBe(0n)
      expect(settled + held).toBeGreaterThanOrEqual(simulator.account.spent)
      // No fault here overstates a cost, so what is settled is no more than what was charged; the rest is held.
      expect(settled).toBeLessThanOrEqual(simulator.account.spent)
      expect(simulator.violations).toEqual([])
    }
  )
})
