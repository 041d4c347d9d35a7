import { decide, type LedgerJournal } from "@assay/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { anEnd, aReservation, aSettlement, keyOf } from "./records.ts"

/** One step of a schedule. `attempt` picks among the names that have been used, or gives a new one. */
export interface Step {
  readonly act: "admit" | "settle" | "release" | "hold" | "again"
  readonly attempt: number
  readonly bound: bigint
  /** What is charged, in percent of the bound. */
  readonly percent: bigint
}

/** A schedule that is the same for the same seed. */
export const drawSchedule = (seed: number, length: number): ReadonlyArray<Step> => {
  let state = seed >>> 0
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const acts = ["admit", "admit", "admit", "settle", "settle", "settle", "release", "hold", "again"] as const
  return Array.from({ length }, () => ({
    act: acts[draw(acts.length)] ?? "admit",
    attempt: draw(1_000),
    bound: BigInt(1 + draw(30)),
    percent: BigInt(draw(101))
  }))
}

interface Model {
  readonly bound: bigint
  state: "reserved" | "settled" | "released" | "held"
}

/**
 * Runs a schedule against a plain model of the ledger and asks after every step:
 * I1 what is settled, reserved and held never passes the limit; I2 what the provider charged is within it at all times;
 * I3 reserved and held are the sums over the attempts in those states; I4 an attempt ends once.
 */
export const checkLedgerSchedule = (journal: LedgerJournal["Service"], limit: bigint, steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const attempts = new Map<string, Model>()
    let charged = 0n
    const sumOf = (state: Model["state"]) =>
      Array.from(attempts.values()).reduce((sum, attempt) => (attempt.state === state ? sum + attempt.bound : sum), 0n)
    const pick = (step: Step, among: (attempt: Model) => boolean) => {
      const names = Array.from(attempts).filter(([, attempt]) => among(attempt))
      return names[step.attempt % Math.max(1, names.length)]
    }

    for (const step of steps) {
      if (step.act === "admit") {
        const name = `attempt-${attempts.size}`
        const totals = { limit, settled: charged, reserved: sumOf("reserved"), held: sumOf("held") }
        const expected = decide(totals, step.bound)
        const [decision] = yield* journal.admit([aReservation(name, { bound: step.bound, key: keyOf(name) })])
        assert.deepStrictEqual(decision, expected)
        if (decision?._tag === "Admitted") attempts.set(name, { bound: step.bound, state: "reserved" })
      } else {
        const [name, attempt] = pick(step, ({ state }) => (state === "reserved") !== (step.act === "again")) ?? []
        if (name === undefined || attempt === undefined) continue
        const amount = (attempt.bound * step.percent) / 100n
        if (step.act === "release") yield* journal.release(anEnd(name))
        else if (step.act === "hold") yield* journal.hold(anEnd(name))
        else yield* journal.settle(aSettlement(name, amount))
        if (step.act === "settle") charged += amount
        if (step.act !== "again") {
          attempt.state = step.act === "settle" ? "settled" : step.act === "hold" ? "held" : "released"
        }
      }
      const { settled, reserved, held } = yield* journal.totals("budget-1")
      assert.isTrue(settled + reserved + held <= limit, "I1")
      assert.isTrue(charged <= settled + reserved + held, "I2")
      assert.deepStrictEqual([reserved, held], [sumOf("reserved"), sumOf("held")], "I3")
      assert.strictEqual(settled, charged, "I4")
    }
    assert.isTrue(attempts.size > 3, "the schedule admitted too little to say anything")
  })
