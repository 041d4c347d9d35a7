import { accountBalance, type BalanceEvent } from "@assay/core"
import { Clock, Effect } from "effect"
import { chooseProvider } from "../providers/chooseProvider.ts"
import { readKey } from "../providers/readKey.ts"
import type { AccountName } from "./replayBalance.ts"

/** A balance that was read just now, or why none was. */
export interface AskedBalance {
  /** Whose it is; undefined where nobody could be asked. */
  readonly account: AccountName | undefined
  readonly read: Extract<BalanceEvent, { readonly _tag: "Read" }> | undefined
  readonly why: string | undefined
}

/** Asks for the balance where there is a key to ask with. An account that does not tell it is no failure. */
export const askBalance = Effect.fn("askBalance")(function* (flags: {
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
}) {
  const key = yield* readKey("SEGMIND_API_KEY")
  if (flags.provider === undefined && key === undefined) {
    return unasked("no SEGMIND_API_KEY in the environment")
  }
  const choice = yield* chooseProvider({ name: flags.provider, baseUrl: flags.baseUrl, softBudget: false })
  if (choice._tag === "Embedded") return unasked("the simulator's account ends with its process")
  const { provider } = choice
  const account: AccountName = { provider: provider.name, baseUrl: provider.baseUrl }
  if (provider.protocol === "openai") return unasked(`${provider.name} has no balance to ask for`, account)
  const sentAt = yield* Clock.currentTimeMillis
  return yield* accountBalance(provider).pipe(
    Effect.flatMap((balance) =>
      Effect.map(Clock.currentTimeMillis, (receivedAt): AskedBalance => {
        const read = { _tag: "Read", sentAt, receivedAt, balance } as const
        return { account, read, why: undefined }
      })
    ),
    Effect.catch((error) => Effect.succeed(unasked(error.message, account)))
  )
})

const unasked = (why: string, account?: AccountName): AskedBalance => ({ account, read: undefined, why })
