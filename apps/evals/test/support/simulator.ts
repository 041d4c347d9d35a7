// Its control plane is asked from outside all Effects.
// @effect-diagnostics globalFetch:off
import { spawn } from "node:child_process"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"
import { environment, watch } from "./assay.ts"

const program = fileURLToPath(new URL("../../../../packages/simulator/src/main.ts", import.meta.url))

export interface Account {
  /** Decimal credits. */
  readonly balance: string
  readonly spent: string
  readonly reserved: string
  readonly charges: number
  readonly calls: number
}

/** A simulator in a process of its own, with its control plane. */
export interface ExternalSimulator {
  readonly url: string
  readonly account: () => Promise<Account>
  /** Resolves with the account when it fits. */
  readonly accountWhen: (fits: (account: Account) => boolean) => Promise<Account>
  /** Scripts what goes wrong, by the index of the call. */
  readonly faults: (faults: Readonly<Record<number, unknown>>) => Promise<void>
  readonly stop: () => void
}

/** Starts one; it stops with the test. */
export const startSimulator = async (flags: ReadonlyArray<string> = []): Promise<ExternalSimulator> => {
  const child = spawn(process.execPath, [program, ...flags], { env: environment() })
  onTestFinished(() => {
    child.kill()
  })
  let hello = ""
  child.stdout.on("data", (chunk: Buffer) => {
    hello += chunk.toString()
  })
  await watch(child).says(/\n/)
  const { apiKey, url } = JSON.parse(hello) as { readonly apiKey: string; readonly url: string }
  const ask = async <A>(path: string, init: RequestInit = {}): Promise<A> => {
    const response = await fetch(`${url}/simulator/${path}`, { ...init, headers: { "x-api-key": apiKey } })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as A
  }
  const account = () => ask<Account>("account")
  return {
    url,
    account,
    accountWhen: async (fits) => {
      while (true) {
        const found = await account()
        if (fits(found)) return found
      }
    },
    faults: async (faults) => {
      await ask("faults", { method: "POST", body: JSON.stringify(faults) })
    },
    stop: () => {
      child.kill()
    }
  }
}
