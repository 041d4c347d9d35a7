import { Cause, Clock, Effect, Exit, type Tracer } from "effect"
import type { Completion } from "../Completion.ts"
import type { CompletionRequest } from "../CompletionRequest.ts"
import type { ModelClient } from "../ModelClient.ts"
import type { ModelError } from "../ModelError.ts"
import type { Provider } from "../Provider.ts"
import { type Attributes, inputContent, ofCompletion, ofError, ofRequest, outputContent } from "./attributes.ts"
import { recordDuration, recordTokens } from "./metrics.ts"

/** How a client is observed. */
export interface ObservedOptions {
  /** Those of the client that is observed; the first is the default of requests that name none. */
  readonly providers: readonly [Provider, ...ReadonlyArray<Provider>]
  /** Puts prompt and output on the spans too, with API keys masked. Off by default: both may hold people's data. */
  readonly recordContent?: boolean
}

export const observedClient = (
  client: ModelClient["Service"],
  { providers, recordContent = false }: ObservedOptions
): ModelClient["Service"] => {
  const providerOf = ({ provider: name }: CompletionRequest) =>
    name === undefined ? providers[0] : providers.find((provider) => provider.name === name)

  const complete = (request: CompletionRequest) => {
    const target = ofRequest(request, providerOf(request))
    const attributes = recordContent ? { ...target.span, ...inputContent(request, providers) } : target.span
    return Effect.useSpan(`chat ${request.model}`, { kind: "client", attributes }, (span) =>
      Effect.flatMap(Clock.currentTimeNanos, (begunAt) =>
        client.complete(request).pipe(
          Effect.withParentSpan(span, { captureStackTrace: false }),
          Effect.onExit((exit) => {
            if (recordContent && Exit.isSuccess(exit)) annotate(span, outputContent(exit.value, providers))
            return concluded(exit, span, target.metric, begunAt)
          })
        )
      )
    )
  }

  return { ...client, complete }
}

const concluded = Effect.fnUntraced(function* (
  exit: Exit.Exit<Completion, ModelError>,
  span: Tracer.Span,
  target: Readonly<Record<string, string>>,
  begunAt: bigint
) {
  const seconds = Number((yield* Clock.currentTimeNanos) - begunAt) / 1e9
  if (Exit.isFailure(exit)) {
    const reason = exit.cause.reasons.find(Cause.isFailReason)
    const type = reason?.error._tag ?? (Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "defect")
    annotate(span, { "error.type": type, ...(reason === undefined ? {} : ofError(reason.error)) })
    return yield* recordDuration({ ...target, "error.type": type }, seconds)
  }
  const { model, usage, attempts } = exit.value
  annotate(span, ofCompletion(exit.value))
  const series = model === undefined ? target : { ...target, "gen_ai.response.model": model }
  yield* recordDuration(series, seconds)
  // A reply that had been bought already used its tokens then.
  if (usage === undefined || attempts === 0) return
  yield* recordTokens({ ...series, "gen_ai.token.type": "input" }, usage.promptTokens)
  yield* recordTokens({ ...series, "gen_ai.token.type": "output" }, usage.completionTokens)
})

const annotate = (span: Tracer.Span, attributes: Attributes) => {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
}
