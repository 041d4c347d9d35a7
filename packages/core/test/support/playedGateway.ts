import { Effect } from "effect"
import { formatCredits } from "../../src/index.ts"
import {
  answer,
  brokenOff,
  chatCompletion,
  delayed,
  json,
  maybeSent,
  neverEnding,
  notSent,
  type SentRequest,
  type Step,
  text
} from "../../src/testing.ts"
import { o3mini } from "./requests.ts"
import { chance } from "./seeds.ts"

/** How a gateway deals with one attempt: what it answers, and what it charges for it, in pico-credits. */
interface Dealing {
  readonly step: Step
  readonly charge: bigint
}

/**
 * A gateway that loses, delays, refuses, charges and garbles at random. What becomes of an attempt depends on `seed`,
 * the trial and the attempt's number alone; when it does depends on `delaySeed` too. A charge is at most `bound` and
 * falls on the request's arrival, which is the earliest it can.
 */
export const playedGateway = (options: {
  readonly seed: number
  readonly delaySeed: number
  readonly bound: bigint
  /** False to leave out the refusals that stop all later calls, and so depend on the order. */
  readonly accountRefusals?: boolean
}) => {
  const attempts = new Map<string, number>()
  const charges = new Map<string, Array<bigint>>()
  const delays = chance(options.delaySeed)
  const watchers: Array<() => Effect.Effect<void>> = []

  const deal = (trial: string): Dealing => {
    const number = (attempts.get(trial) ?? 0) + 1
    attempts.set(trial, number)
    const luck = chance(options.seed * 1_000_003 + Number(trial) * 1009 + number)
    const charge = (options.bound * BigInt(luck.int(1001))) / 1000n
    const maybe = luck.next() < 0.5 ? charge : 0n
    const cost = formatCredits(charge)
    // Enough tokens that the charge is within the list price: a markup that has to be learnt depends on the order.
    const usage = { promptTokens: 0, completionTokens: Number(charge / o3mini.outputPrice) + 1 }
    const free = (step: Step): Dealing => ({ step, charge: 0n })
    return luck.pick<() => Dealing>([
      () => ({ step: answer({ cost, usage }), charge }),
      () => ({ step: answer({ cost, usage }), charge }),
      () => ({ step: json(200, chatCompletion()), charge }),
      () => ({ step: json(200, chatCompletion({ usage: null })), charge }),
      () => ({ step: text(200, "{", { "x-cost": cost }), charge }),
      () => ({ step: text(200, "{", { "x-cost": "NaN" }), charge: maybe }),
      () => ({ step: maybeSent(), charge: maybe }),
      () => ({ step: brokenOff(200, { "x-cost": cost }), charge }),
      () => ({ step: text(502, "<h1>Bad Gateway</h1>"), charge: maybe }),
      () => ({ step: neverEnding, charge: maybe }),
      () => free(json(429, {}, luck.next() < 0.5 ? {} : { "retry-after": "2" })),
      () => free(json(429, {})),
      () => free(json(500, { error: `failure ${luck.int(4)}` })),
      () => free(notSent()),
      () => free(notSent()),
      () => free(json(400, { error: "no" })),
      () => free(json(406, { error: options.accountRefusals === false ? "Bad value" : "Not enough credits" }))
    ])()
  }

  const script = (request: SentRequest): Step => {
    const trial = /trial (\d+)/.exec(request.body)?.[1] ?? ""
    const { step, charge } = deal(trial)
    if (charge > 0n) charges.set(trial, [...(charges.get(trial) ?? []), charge])
    const slow = delayed(delays.int(1500), step)
    return (sent) =>
      Effect.andThen(
        Effect.forEach(watchers, (watch) => watch(), { discard: true }),
        slow(sent)
      )
  }

  return {
    script,
    /** Runs at every request, after its charge. */
    watch: (watcher: () => Effect.Effect<void>) => void watchers.push(watcher),
    /** All charges of a trial. */
    chargesOf: (trial: number) => charges.get(String(trial)) ?? [],
    charged: () =>
      Array.from(charges.values())
        .flat()
        .reduce((sum, charge) => sum + charge, 0n)
  }
}
