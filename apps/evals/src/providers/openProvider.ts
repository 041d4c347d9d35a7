import type { Provider } from "@assay/core"
import type { Plan } from "@assay/harness"
import { Effect, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import type { ProviderChoice } from "./chooseProvider.ts"
import { answersOf, simulatorProvider, startEmbeddedSimulator } from "./embeddedSimulator.ts"

/**
 * The provider that was chosen, ready for a plan: a simulator is started, or reached, and told what it has to know.
 *
 * A simulator's completions are known by their run, not by an address: its port changes from start to start, and a call
 * that one run left in doubt must not block another run, whose simulator is not the same.
 */
export const openProvider = Effect.fn("openProvider")(function* (choice: ProviderChoice, plan: Plan, run: string) {
  const origin = `simulator of run ${run}`
  if (choice._tag === "Embedded") {
    return { ...simulatorProvider(yield* startEmbeddedSimulator(answersOf(plan))), origin }
  }
  if (!choice.provider.simulated) return choice.provider
  yield* sendAnswers(choice.provider, plan)
  return { ...choice.provider, origin }
})

const sendAnswers = Effect.fnUntraced(function* ({ apiKey, baseUrl }: Provider, plan: Plan) {
  const http = yield* HttpClient.HttpClient
  const request = HttpClientRequest.put(`${baseUrl}/simulator/answers`).pipe(
    HttpClientRequest.setHeader("x-api-key", Redacted.value(apiKey)),
    HttpClientRequest.bodyText(JSON.stringify(Object.fromEntries(answersOf(plan))), "application/json")
  )
  const taken = yield* http.execute(request).pipe(
    Effect.timeout("10 seconds"),
    Effect.map(({ status }) => status === 200),
    Effect.orElseSucceed(() => false)
  )
  if (taken) return
  return yield* failure({
    code: "E1304",
    what: `no simulator answers at ${baseUrl}`,
    kept: "nothing was sent or charged",
    fix: "leave --base-url out to use the embedded one",
    exit: ExitCode.incomplete
  })
})
