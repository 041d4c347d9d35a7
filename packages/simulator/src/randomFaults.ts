import { hash } from "node:crypto"
import type { Call, Fault } from "./Fault.ts"
import { type Draws, drawsFrom } from "./internal/draws.ts"

export interface RandomFaultOptions {
  readonly seed: number
  /** How likely each fault is for a call, 0 to 1; those left out never happen, and the sum must be at most 1. */
  readonly rates: Readonly<Partial<Record<Fault["_tag"], number>>>
}

/**
 * Faults at random, for `faults` of the simulator: what a call meets depends on the seed and its index alone, so a run
 * that failed can be had again. Details are drawn too: delays of up to two seconds, amounts of up to a cent of a credit.
 */
export const randomFaults = ({ seed, rates }: RandomFaultOptions): ((call: Call) => Fault | undefined) => {
  const entries = Object.entries(rates) as ReadonlyArray<readonly [Fault["_tag"], number]>
  const total = entries.reduce((sum, [, rate]) => sum + rate, 0)
  if (!(entries.every(([, rate]) => rate >= 0) && total <= 1 + 1e-9)) {
    throw new Error(`The rates of faults must be 0 or more and at most 1 together, and are ${total}`)
  }
  return ({ index }) => {
    const draws = drawsFrom(hash("sha256", `faults ${seed} ${index}`, "hex"))
    let rest = draws()
    for (const [tag, rate] of entries) {
      rest -= rate
      if (rest < 0) return details[tag](draws)
    }
    return undefined
  }
}

const anyOf = <A>(draws: Draws, ...choices: readonly [A, ...ReadonlyArray<A>]): A =>
  choices[Math.floor(draws() * choices.length)] ?? choices[0]
const milliseconds = (draws: Draws): number => Math.floor(draws() * 2000)
const amount = (draws: Draws): bigint => BigInt(Math.floor(draws() * 1e10))
const flag = (draws: Draws): boolean => draws() < 0.5

const details: Readonly<Record<Fault["_tag"], (draws: Draws) => Fault>> = {
  RateLimited: (draws) => ({
    _tag: "RateLimited",
    reset: anyOf(draws, "iso", "space", "epochSeconds", "epochMilliseconds", "httpDate", "absent", "past", "absurd"),
    seconds: 1 + Math.floor(draws() * 3)
  }),
  ServerError: (draws) => ({
    _tag: "ServerError",
    format: anyOf(draws, "json", "text"),
    message: `Internal server error ${Math.floor(draws() * 4)}`
  }),
  NotAcceptable: (draws) => ({
    _tag: "NotAcceptable",
    reason: anyOf(draws, "contentType", "credits", "parameter", "spendLimit"),
    format: anyOf(draws, "json", "text")
  }),
  Unauthorized: () => ({ _tag: "Unauthorized" }),
  Retired: () => ({ _tag: "Retired" }),
  MethodNotAllowed: () => ({ _tag: "MethodNotAllowed" }),
  TopUp: (draws) => ({ _tag: "TopUp", amount: amount(draws) }),
  SpendElsewhere: (draws) => ({ _tag: "SpendElsewhere", amount: amount(draws) }),
  Delay: (draws) => ({ _tag: "Delay", ms: milliseconds(draws) }),
  HeldReply: (draws) => ({ _tag: "HeldReply", ms: milliseconds(draws) }),
  LateCharge: (draws) => ({ _tag: "LateCharge", ms: milliseconds(draws) }),
  BadGateway: (draws) => ({ _tag: "BadGateway", status: anyOf(draws, 502, 503, 504, 524), charged: flag(draws) }),
  Reset: (draws) => ({ _tag: "Reset", charged: flag(draws) }),
  TruncatedBody: () => ({ _tag: "TruncatedBody" }),
  SlowDrip: (draws) => ({ _tag: "SlowDrip", chunkBytes: 64 + Math.floor(draws() * 256), everyMs: 5 }),
  InvalidJson: () => ({ _tag: "InvalidJson" }),
  ErrorInside: () => ({ _tag: "ErrorInside" }),
  NoChoices: () => ({ _tag: "NoChoices" }),
  EmptyLength: () => ({ _tag: "EmptyLength" }),
  Refusal: () => ({ _tag: "Refusal" }),
  NullContent: () => ({ _tag: "NullContent" }),
  MissingUsage: () => ({ _tag: "MissingUsage" }),
  Encoding: (draws) => ({ _tag: "Encoding", encoding: anyOf(draws, "gzip", "byteOrderMark", "trailingWhitespace") }),
  Header: (draws) => ({
    _tag: "Header",
    name: anyOf(draws, "x-cost", "x-remaining-credits"),
    value: anyOf<string | ReadonlyArray<string> | null>(draws, null, "", "NaN", "-1", "0,5", "1e12", ["0.1", "0.2"])
  }),
  Charge: (draws) => ({ _tag: "Charge", amount: amount(draws) }),
  SubmitLost: () => ({ _tag: "SubmitLost" }),
  JobFailed: () => ({ _tag: "JobFailed" })
}
