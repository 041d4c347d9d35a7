import type { IncomingMessage } from "node:http"
import type { Violation } from "../Violation.ts"
import { pathOf } from "./pathOf.ts"
import { type Refusal, refusal } from "./Refusal.ts"

/** The first thousand are kept: a client that offends more often has one mistake, not a thousand. */
const kept = 1000

/** What strict mode has recorded. */
export class Violations {
  readonly list: Array<Violation> = []
  /** How many there were, those that were not kept included. */
  count = 0

  /** Records what was found, and gives the 400 that answers it; `undefined` when nothing was. */
  record(request: IncomingMessage, findings: ReadonlyArray<Pick<Violation, "rule" | "detail">>): Refusal | undefined {
    if (findings.length === 0) return undefined
    for (const found of findings) {
      this.count++
      if (this.list.length < kept) this.list.push({ method: request.method ?? "", path: pathOf(request), ...found })
    }
    return refusal(400, `Strict mode: ${findings.map(({ detail }) => detail).join("; ")}`, { code: "strict_violation" })
  }
}
