import { Duration, Effect, Redacted, Schedule, Schema } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { readError } from "../internal/decodeReply.ts"
import { Unauthorized } from "../ModelError.ts"
import type { Provider } from "../Provider.ts"
import { BatchRejected, BatchUnreachable } from "./BatchError.ts"
import { completionsEndpoint } from "./BatchLine.ts"

/** A batch as the provider tells it; what else it says is ignored. */
export const BatchObject = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  created_at: Schema.Finite,
  output_file_id: Schema.optional(Schema.NullOr(Schema.String)),
  error_file_id: Schema.optional(Schema.NullOr(Schema.String)),
  request_counts: Schema.optional(
    Schema.NullOr(Schema.Struct({ total: Schema.Finite, completed: Schema.Finite, failed: Schema.Finite }))
  ),
  errors: Schema.optional(
    Schema.NullOr(
      Schema.Struct({
        data: Schema.optional(Schema.NullOr(Schema.Array(Schema.Struct({ message: Schema.optional(Schema.String) }))))
      })
    )
  ),
  metadata: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
})
export type BatchObject = typeof BatchObject.Type

const FileObject = Schema.Struct({ id: Schema.String })
const BatchList = Schema.Struct({
  data: Schema.Array(BatchObject),
  has_more: Schema.optional(Schema.NullOr(Schema.Boolean))
})

export type RouteError = Unauthorized | BatchRejected | BatchUnreachable

/** How a batch is known at the provider: the budget that pays for it, and our own name for it. */
export interface BatchName {
  readonly run: string
  readonly chunk: string
}

/** One reply of a reply-less or unwilling provider: asking again is safe, since nothing here costs anything. */
class NotNow {
  readonly _tag = "NotNow"
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** Eight tries over about two minutes. All routes but the creation of a batch are free, and may be asked again. */
const patiently = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("30 seconds")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 7 })
)

/** A file of 200 MB takes its time. */
const requestTimeout = Duration.minutes(10)

export const makeBatchRoutes = (http: HttpClient.HttpClient, provider: Provider) => {
  const key = Redacted.value(provider.apiKey)
  const headers = { accept: "application/json", authorization: `Bearer ${key}` }

  /** One exchange; `NotNow` when there is no answer, or one that says nothing about the request. */
  const exchange = (step: string, request: HttpClientRequest.HttpClientRequest) =>
    http.execute(HttpClientRequest.setHeaders(request, headers)).pipe(
      Effect.flatMap((response) => Effect.map(response.text, (body) => ({ status: response.status, body }))),
      Effect.timeout(requestTimeout),
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      Effect.mapError((error) => new NotNow(describe(error))),
      Effect.flatMap(({ status, body }): Effect.Effect<string, NotNow | Unauthorized | BatchRejected> => {
        if (status >= 200 && status < 300) return Effect.succeed(body)
        const reason = readError(body).replaceAll(key, "…")
        if (status === 401 || status === 403) return Effect.fail(new Unauthorized({ provider: provider.name, reason }))
        if (status === 408 || status === 429 || status >= 500) return Effect.fail(new NotNow(`${status}, ${reason}`))
        return Effect.fail(new BatchRejected({ provider: provider.name, step, status, reason }))
      })
    )

  const unreachable =
    (step: string) =>
    ({ reason }: NotNow) =>
      Effect.fail(new BatchUnreachable({ provider: provider.name, step, reason }))

  const patient = (step: string, request: HttpClientRequest.HttpClientRequest): Effect.Effect<string, RouteError> =>
    exchange(step, request).pipe(
      Effect.retry({ schedule: patiently, while: (error) => error._tag === "NotNow" }),
      Effect.catchTag("NotNow", unreachable(step))
    )

  /** A look at what exists. A refusal here says nothing about the calls in the batch, so it is no `BatchRejected`. */
  const look = (step: string, path: string): Effect.Effect<string, Unauthorized | BatchUnreachable> =>
    Effect.catchTag(patient(step, HttpClientRequest.get(url(path))), "BatchRejected", ({ status, reason }) =>
      unreachable(step)(new NotNow(`${status}, ${reason}`))
    )

  const decoded = <A, I>(schema: Schema.Codec<A, I>, step: string) => {
    const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
    return (body: string): Effect.Effect<A, BatchUnreachable> =>
      Effect.mapError(
        decode(body),
        () => new BatchUnreachable({ provider: provider.name, step, reason: "its reply cannot be read." })
      )
  }

  const url = (path: string) => provider.baseUrl + path

  /** Stores an input file and gives its id. A file that is stored twice costs nothing. */
  const upload = (text: string, filename: string): Effect.Effect<string, RouteError> => {
    const step = "store a file"
    const boundary = `assay-${filename.replace(/[^A-Za-z0-9]/g, "-")}`
    const body =
      `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n` +
      `Content-Type: application/jsonl\r\n\r\n${text}\r\n--${boundary}--\r\n`
    const request = HttpClientRequest.bodyText(
      HttpClientRequest.post(url("/v1/files")),
      body,
      `multipart/form-data; boundary=${boundary}`
    )
    return Effect.flatMap(patient(step, request), decoded(FileObject, step)).pipe(Effect.map(({ id }) => id))
  }

  /**
   * Makes a batch, once: without an answer it may or may not be made, and `undefined` says so. That is the only request
   * here that spends, and it is never repeated without a look at the list.
   */
  const create = (
    fileId: string,
    { run, chunk }: BatchName
  ): Effect.Effect<BatchObject | undefined, Unauthorized | BatchRejected> => {
    const step = "make a batch"
    const body = {
      input_file_id: fileId,
      endpoint: completionsEndpoint,
      completion_window: "24h",
      metadata: { [runKey]: run, [chunkKey]: chunk }
    }
    const request = HttpClientRequest.bodyText(
      HttpClientRequest.post(url("/v1/batches")),
      JSON.stringify(body),
      "application/json"
    )
    return exchange(step, request).pipe(
      Effect.flatMap(decoded(BatchObject, step)),
      Effect.catchTag(["NotNow", "BatchUnreachable"], () => Effect.undefined)
    )
  }

  /** The run's batches by chunk, of those made at or after `since` (UTC milliseconds, with a day's grace for clocks). */
  const listRun = Effect.fnUntraced(function* (run: string, since: number) {
    const step = "list its batches"
    const found = new Map<string, BatchObject>()
    const oldest = since / 1000 - 86_400
    let after: string | undefined
    do {
      const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`
      const body = yield* look(step, `/v1/batches?limit=100${query}`)
      const { data, has_more } = yield* decoded(BatchList, step)(body)
      for (const batch of data) {
        const chunk = batch.metadata?.[chunkKey]
        if (chunk !== undefined && batch.metadata?.[runKey] === run) found.set(chunk, batch)
      }
      const last = data.at(-1)
      after = has_more === true && last !== undefined && last.created_at >= oldest ? last.id : undefined
    } while (after !== undefined)
    return found as ReadonlyMap<string, BatchObject>
  })

  const read = (id: string) => {
    const step = "tell about a batch"
    return Effect.flatMap(look(step, `/v1/batches/${id}`), decoded(BatchObject, step))
  }

  /** The text of a file; empty for none. */
  const download = (fileId: string | null | undefined) =>
    fileId === undefined || fileId === null ? Effect.succeed("") : look("give a file", `/v1/files/${fileId}/content`)

  const cancel = (id: string): Effect.Effect<void, RouteError> =>
    Effect.asVoid(patient("cancel a batch", HttpClientRequest.post(url(`/v1/batches/${id}/cancel`))))

  return { upload, create, listRun, read, download, cancel }
}

export type BatchRoutes = ReturnType<typeof makeBatchRoutes>

const runKey = "assay_run"
const chunkKey = "assay_chunk"

const describe = (error: unknown): string => {
  const reason = HttpClientError.isHttpClientError(error) ? (error.reason.description ?? error.message) : String(error)
  return `${reason}.`
}
