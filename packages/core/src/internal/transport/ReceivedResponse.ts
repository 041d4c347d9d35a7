import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib"
import { Effect, Formatter, Inspectable, Option, Pipeable, Queue, type Schema, Stream } from "effect"
import {
  Cookies,
  Headers,
  HttpClientError,
  type HttpClientRequest,
  HttpClientResponse,
  HttpIncomingMessage,
  UrlParams
} from "effect/http"
import { nextTurn } from "./nextTurn.ts"
import { TransportFailure } from "./TransportFailure.ts"

type Failure = HttpClientError.HttpClientError
type RawHeaders = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

/** A whole reply, packed or unpacked, is at most 32 MiB: 80 times the longest answer of a model (100,000 tokens). */
export const maxReplyBytes = 32 * 1024 * 1024

/**
 * A response whose body the transport pushes into it (`push`, then `end` or `fail`), whether anyone reads it or not,
 * so that an ignored body never blocks its connection. Interrupting a read calls `abort`, which closes the socket.
 * Replies that a server packed unasked (gzip, deflate, br) are unpacked.
 */
export class ReceivedResponse extends Pipeable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: string
  readonly status: number
  readonly #rawHeaders: RawHeaders
  readonly #abort: () => void
  readonly #chunks: Array<Uint8Array> = []
  readonly #readers: Array<Reader> = []
  #headers: Headers.Headers | undefined
  #ending: Effect.Effect<Buffer, Failure> | undefined

  constructor(options: {
    readonly request: HttpClientRequest.HttpClientRequest
    readonly url: string
    readonly status: number
    readonly headers: RawHeaders
    readonly abort: () => void
  }) {
    super()
    this.request = options.request
    this.url = options.url
    this.status = options.status
    this.#rawHeaders = options.headers
    this.#abort = options.abort
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    for (const reader of this.#readers) reader.onChunk?.(chunk)
  }

  end(): void {
    this.#settle(Effect.suspend(() => this.#unpacked()))
  }

  fail(cause: unknown): void {
    const reason = new HttpClientError.TransportError({
      request: this.request,
      description: "the reply broke off",
      cause: new TransportFailure({ sent: "maybe", cause })
    })
    this.#settle(Effect.fail(new HttpClientError.HttpClientError({ reason })))
  }

  get headers(): Headers.Headers {
    this.#headers ??= Headers.fromInput(this.#rawHeaders)
    return this.#headers
  }

  get cookies(): Cookies.Cookies {
    return Cookies.fromSetCookie(this.#rawHeaders["set-cookie"] ?? [])
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get text(): Effect.Effect<string, Failure> {
    return Effect.map(this.#bytes, decodeText)
  }

  get json(): Effect.Effect<Schema.Json, Failure> {
    return Effect.flatMap(this.text, (text) => this.#decode(() => (text === "" ? null : JSON.parse(text))))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, Failure> {
    return Effect.map(this.#bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Failure> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, Failure> {
    return Effect.flatMap(this.arrayBuffer, (bytes) =>
      Effect.tryPromise({
        try: () => new Response(bytes, { headers: { ...this.headers } }).formData(),
        catch: (cause) => this.#undecodable(cause)
      })
    )
  }

  /** Chunks as they arrive, without back-pressure but within `maxReplyBytes`; packed replies come in one piece. */
  get stream(): Stream.Stream<Uint8Array, Failure> {
    if (this.headers["content-encoding"] !== undefined) return Stream.fromEffect(this.#bytes)
    return Stream.callback<Uint8Array, Failure>((queue) =>
      Effect.suspend(() => {
        for (const chunk of this.#chunks) Queue.offerUnsafe(queue, chunk)
        return Effect.matchCauseEffect(
          this.#wait((chunk) => Queue.offerUnsafe(queue, chunk)),
          { onFailure: (cause) => Queue.failCause(queue, cause), onSuccess: () => Queue.end(queue) }
        )
      })
    )
  }

  get upgrade(): Effect.Effect<never, Failure> {
    const reason = new HttpClientError.StatusCodeError({
      request: this.request,
      response: this,
      description: "this transport has no upgrades"
    })
    return Effect.fail(new HttpClientError.HttpClientError({ reason }))
  }

  toJSON(): unknown {
    const shown = { _id: "HttpClientResponse", request: this.request.toJSON(), status: this.status }
    return HttpIncomingMessage.inspect(this, shown)
  }

  override toString(): string {
    return Formatter.format(this.toJSON())
  }

  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }

  get #bytes(): Effect.Effect<Buffer, Failure> {
    return Effect.suspend(() => this.#ending ?? this.#wait(undefined))
  }

  #wait(onChunk: Reader["onChunk"]): Effect.Effect<Buffer, Failure> {
    return Effect.callback<Buffer, Failure>((resume) => {
      if (this.#ending !== undefined) return resume(this.#ending)
      this.#readers.push({ onChunk, onSettled: resume })
      return Effect.sync(this.#abort)
    })
  }

  #settle(ending: Effect.Effect<Buffer, Failure>): void {
    this.#ending = ending
    const readers = this.#readers.splice(0)
    if (readers.length === 0) return
    nextTurn(() => {
      for (const { onSettled } of readers) onSettled(ending)
    })
  }

  #unpacked(): Effect.Effect<Buffer, Failure> {
    const bytes = joined(this.#chunks)
    const unpack = unpackers[String(this.#rawHeaders["content-encoding"] ?? "").toLowerCase()]
    return unpack === undefined || bytes.length === 0
      ? Effect.succeed(bytes)
      : this.#decode(() => unpack(bytes, { maxOutputLength: maxReplyBytes }))
  }

  #decode<A>(decode: () => A): Effect.Effect<A, Failure> {
    return Effect.try({ try: decode, catch: (cause) => this.#undecodable(cause) })
  }

  #undecodable(cause: unknown): Failure {
    const reason = new HttpClientError.DecodeError({ request: this.request, response: this, cause })
    return new HttpClientError.HttpClientError({ reason })
  }
}

interface Reader {
  readonly onChunk: ((chunk: Uint8Array) => void) | undefined
  readonly onSettled: (ending: Effect.Effect<Buffer, Failure>) => void
}

const joined = (chunks: ReadonlyArray<Uint8Array>): Buffer => {
  const [first] = chunks
  return chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(chunks)
}

const unpackers: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync
}

// `toString` is several times cheaper than a TextDecoder on short texts, but keeps the byte order mark.
const decodeText = (bytes: Buffer): string => {
  const text = bytes.toString("utf8")
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
