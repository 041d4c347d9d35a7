import { Clock, Data, Effect, Predicate, Redacted } from "effect"
import { HttpClientRequest } from "effect/http"
import type { Provider } from "../Provider.ts"
import type { HttpReply } from "./HttpReply.ts"
import { resetDelay } from "./resetDelay.ts"

/** A submitted job whose result can no longer be had: it may have run, and been charged. */
export class JobLost extends Data.TaggedError("JobLost")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

const pollMillis = 1000
const longestPauseMillis = 10_000
const pollTimeoutMillis = 30_000

/** The id of a job that a submit's reply names; undefined where it names none that is safe in a path. */
export const readJobId = (body: string): string | undefined => {
  const id = field(parse(body), "request_id")
  return typeof id === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(id) ? id : undefined
}

/**
 * Waits for a Segmind v2 job and brings its result: a 200 with `output`, or a 422 for a job that ran and failed, which
 * is not charged.
 *
 * Polls once a second. A poll is free and safe to repeat, so whatever goes wrong with one, the next is only a little
 * later, up to 10 s. Fails with `JobLost` when the record is gone (it lives about an hour), when polling is refused, or
 * after `patienceMillis`.
 */
export const pollJob = Effect.fnUntraced(function* <E>(
  exchange: (request: HttpClientRequest.HttpClientRequest, timeoutMillis: number) => Effect.Effect<HttpReply, E>,
  provider: Provider,
  job: { readonly id: string; readonly patienceMillis: number }
) {
  const status = `${provider.baseUrl}/v2/requests/${job.id}/status`
  const result = `${provider.baseUrl}/v2/requests/${job.id}`
  const until = (yield* Clock.currentTimeMillis) + job.patienceMillis
  let url = status
  let pause = pollMillis
  while (true) {
    const left = until - (yield* Clock.currentTimeMillis)
    if (left <= 0) return yield* new JobLost({ reason: `the job had not ended after ${job.patienceMillis / 1000} s` })
    // The result of a job that has ended is there at once.
    if (url === status || pause > pollMillis) yield* Effect.sleep(Math.min(pause, left))
    const reply = yield* Effect.orElseSucceed(
      exchange(getRequest(url, provider), Math.min(pollTimeoutMillis, left)),
      () => undefined
    )
    const progress = readProgress(reply)
    switch (progress) {
      case "ended":
        if (url === result && reply !== undefined && hasOutput(reply.body)) return reply
        pause = url === result ? slower(pause) : pollMillis
        url = result
        break
      case "failed":
        if (reply !== undefined) return { ...reply, status: 422 }
        break
      case "running":
        url = status
        pause = pollMillis
        break
      case "gone":
        return yield* new JobLost({ reason: "the job's record is gone" })
      case "refused":
        return yield* new JobLost({ reason: `polling for the job was refused with ${reply?.status}` })
      case "unclear": {
        const wish = reply === undefined ? undefined : resetDelay(reply.headers, yield* Clock.currentTimeMillis)
        pause = Math.max(slower(pause), wish ?? 0)
      }
    }
  }
})

const slower = (pause: number): number => Math.min(pause * 2, longestPauseMillis)

const getRequest = (url: string, provider: Provider) =>
  HttpClientRequest.get(url).pipe(
    HttpClientRequest.setHeaders({ accept: "application/json", "x-api-key": Redacted.value(provider.apiKey) })
  )

/** What one poll says; "unclear" is anything that another poll may make clear. */
const readProgress = (reply: HttpReply | undefined) => {
  if (reply === undefined || reply.status === 408 || reply.status === 429 || reply.status >= 500) return "unclear"
  if (reply.status === 404) return "gone"
  if (reply.status === 422) return "failed"
  if (reply.status !== 200) return "refused"
  const body = parse(reply.body)
  switch (field(body, "status")) {
    case "FAILED":
      return "failed"
    case "QUEUED":
    case "PROCESSING":
      return "running"
    case "COMPLETED":
      return "ended"
    default:
      return field(body, "output") === undefined ? "unclear" : "ended"
  }
}

const hasOutput = (body: string): boolean => {
  const output = field(parse(body), "output")
  return output !== undefined && output !== null
}

const field = (value: unknown, key: string): unknown =>
  Predicate.isObject(value) ? (value as Record<string, unknown>)[key] : undefined

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
