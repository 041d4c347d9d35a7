import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { Effect } from "effect"
import { decide } from "../../decide.ts"
import type { AdmitDecision, LedgerJournal, LedgerTotals } from "../../LedgerJournal.ts"
import type { JournalFailed } from "../../ModelError.ts"
import { anEnd, aReservation, aSettlement, keyOf } from "./ledgerRecords.ts"

/** One step of a schedule; its numbers pick an attempt, a key and amounts when it runs. */
interface Step {
  readonly act: "admit" | "settle" | "estimate" | "release" | "hold" | "resolve" | "late" | "again"
  readonly pick: number
  readonly bound: bigint
  /** What is charged, in percent of the bound. */
  readonly percent: bigint
}

interface Attempt {
  readonly name: string
  readonly key: string
  readonly bound: bigint
  state: "reserved" | "held" | "ended"
  /** Whether the reply is on record, so that the key is not in doubt. */
  answered: boolean
  settled: bigint
  held: bigint
}

/** Keys in a schedule: few, so that calls of one key meet. */
const keys = 12

/**
 * Runs the random schedule of a seed on an empty journal, against a plain model of the ledger, and asks after every step:
 * I1 what is settled, reserved and held never passes the limit; I2 what the provider charged is within it at all times;
 * I3 reserved and held are the sums over the attempts in those states; I4 an attempt ends once; I6 settled never shrinks;
 * and a key is bought once at a time, and never while it is in doubt. Fails with an `AssertionError` as a defect.
 */
export const checkLedgerSchedule = (
  journal: LedgerJournal["Service"],
  { seed, steps = 120, limit = 120n }: { readonly seed: number; readonly steps?: number; readonly limit?: bigint }
): Effect.Effect<void, JournalFailed> =>
  Effect.gen(function* () {
    yield* journal.open("budget-1", limit)
    const model = makeModel(limit)
    for (const [index, step] of drawSchedule(seed, steps).entries()) {
      const before = model.totals()
      yield* perform(journal, model, step)
      const said = `in step ${index} (${step.act}) of the schedule of seed ${seed}`
      const totals = yield* journal.totals("budget-1")
      deepStrictEqual(totals, model.totals(), `I3 and I4, ${said}`)
      ok(totals.settled + totals.reserved + totals.held <= limit, `I1, ${said}`)
      ok(model.charged() <= totals.settled + totals.reserved + totals.held, `I2, ${said}`)
      ok(totals.settled >= before.settled, `I6, ${said}`)
    }
    ok(model.attempts.length > 3, `the schedule of seed ${seed} admitted too little to say anything`)
  })

const perform = Effect.fnUntraced(function* (journal: LedgerJournal["Service"], model: Model, step: Step) {
  if (step.act === "admit") {
    const request = { bound: step.bound, key: keyOf(`key-${step.pick % keys}`) }
    const name = `attempt-${model.attempts.length}`
    const [decision] = yield* journal.admit([aReservation(name, request)])
    strictEqual(describeDecision(decision), describeDecision(model.decide(request)))
    if (decision?._tag === "Admitted") model.reserve(name, request)
    return
  }
  const attempt = model.pick(step)
  if (attempt === undefined) return
  const { name, bound } = attempt
  const amount = (bound * step.percent) / 100n
  const rest = { charge: { amount, source: "usage", held: bound - amount } } as const
  switch (step.act) {
    case "settle":
      yield* journal.settle(aSettlement(name, amount))
      return model.end(attempt, amount, 0n, true)
    case "estimate":
      yield* journal.settle(aSettlement(name, amount, rest))
      return model.end(attempt, amount, bound - amount, true)
    case "release":
      yield* journal.release(anEnd(name))
      return model.end(attempt, 0n, 0n, false)
    case "hold":
      yield* journal.hold(anEnd(name))
      return model.end(attempt, 0n, bound, false)
    case "resolve": {
      const resolution = step.pick % 2 === 0 ? "not-charged" : { charged: amount }
      strictEqual(yield* journal.resolve(name, resolution), true)
      return model.end(attempt, step.pick % 2 === 0 ? attempt.settled : larger(attempt.settled, amount), 0n, true)
    }
    case "late": {
      strictEqual(yield* journal.resolve(name, { settlement: aSettlement(name, amount, rest) }), true)
      const settled = larger(attempt.settled, amount)
      return model.end(attempt, settled, larger(bound - settled, 0n), true)
    }
    case "again":
      yield* journal.settle(aSettlement(name, amount))
      yield* journal.release(anEnd(name))
      yield* journal.hold(anEnd(name))
      if (attempt.state === "ended") strictEqual(yield* journal.resolve(name, { charged: amount }), false)
  }
})

type Model = ReturnType<typeof makeModel>

/** What the ledger has to say, from nothing but a list of attempts. */
const makeModel = (limit: bigint) => {
  const attempts: Array<Attempt> = []
  const sum = (amount: (attempt: Attempt) => bigint) => attempts.reduce((total, attempt) => total + amount(attempt), 0n)
  const totals = (): LedgerTotals => ({
    limit,
    settled: sum(({ settled }) => settled),
    reserved: sum(({ state, bound }) => (state === "reserved" ? bound : 0n)),
    held: sum(({ held }) => held)
  })

  return {
    attempts,
    totals,
    charged: () => sum(({ settled }) => settled),
    decide: ({ key, bound }: Pick<Attempt, "key" | "bound">): AdmitDecision => {
      const rival = attempts.find(
        (other) => other.key === key && (other.state === "reserved" || (other.state === "held" && !other.answered))
      )
      if (rival === undefined) return decide(totals(), bound)
      const attemptId = rival.name
      return rival.state === "reserved"
        ? { _tag: "Claimed", attemptId, owner: "" }
        : { _tag: "InDoubt", attemptId, bound: rival.bound }
    },
    reserve: (name: string, { key, bound }: Pick<Attempt, "key" | "bound">) => {
      attempts.push({ name, key, bound, state: "reserved", answered: false, settled: 0n, held: 0n })
    },
    end: (attempt: Attempt, settled: bigint, held: bigint, answered: boolean) => {
      attempt.state = held > 0n ? "held" : "ended"
      attempt.settled = settled
      attempt.held = held
      attempt.answered ||= answered
    },
    pick: ({ act, pick }: Step): Attempt | undefined => {
      const state = act === "resolve" || act === "late" ? "held" : "reserved"
      const among = attempts.filter((attempt) => (attempt.state === state) !== (act === "again"))
      return among[pick % Math.max(1, among.length)]
    }
  }
}

/** Everything but the owner, whom the model does not know. */
const describeDecision = (decision: AdmitDecision | undefined): string => {
  switch (decision?._tag) {
    case "Claimed":
      return `Claimed by ${decision.attemptId}`
    case "InDoubt":
      return `InDoubt by ${decision.attemptId}, ${decision.bound}`
    case "Exhausted":
      return `Exhausted with ${Object.values(decision.totals).join(", ")}`
    default:
      return String(decision?._tag)
  }
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** A schedule that is the same for the same seed. */
const drawSchedule = (seed: number, length: number): ReadonlyArray<Step> => {
  let state = seed >>> 0
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length }, () => ({
    act: acts[draw(acts.length)] ?? "admit",
    pick: draw(1_000),
    bound: BigInt(1 + draw(30)),
    percent: BigInt(draw(101))
  }))
}

const acts = [
  ...Array.from({ length: 6 }, () => "admit" as const),
  ...Array.from({ length: 4 }, () => "settle" as const),
  "estimate",
  "release",
  "release",
  "hold",
  "hold",
  "resolve",
  "resolve",
  "late",
  "again"
] as const
