import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { Dispatcher } from "undici"
import { dispatchClient } from "../src/internal/transport/dispatchClient.ts"
import { maxReplyBytes } from "../src/internal/transport/ReceivedResponse.ts"
import { CurrentProgress, freshProgress } from "../src/internal/transport/RequestProgress.ts"
import { sentOf, TransportFailure } from "../src/internal/transport/TransportFailure.ts"
import { layer, layerWith, type TransportOptions } from "../src/node.ts"

describe("what is on the wire", () => {
  it.live("is the headers it was given and three of HTTP's own, also inside a span", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      yield* post(server.url("/v1/o3-mini?seed=7"), '{"a":"é"}').pipe(Effect.withSpan("parent"), Effect.provide(layer))
      assert.deepStrictEqual(server.requests[0]?.split("\r\n"), [
        "POST /v1/o3-mini?seed=7 HTTP/1.1",
        `host: 127.0.0.1:${server.port}`,
        "connection: keep-alive",
        "content-type: application/json",
        "x-api-key: SG_0123456789abcdef",
        "content-length: 10",
        "",
        '{"a":"é"}'
      ])
    })
  )

  it.live("is nothing more for a GET without headers", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      yield* HttpClient.get(server.url("/v1/get-user-credits")).pipe(Effect.provide(layer))
      const lines = ["GET /v1/get-user-credits HTTP/1.1", `host: 127.0.0.1:${server.port}`, "connection: keep-alive"]
      assert.deepStrictEqual(server.requests, [`${lines.join("\r\n")}\r\n\r\n`])
    })
  )

  it.live("goes to one host only: a redirect is a reply like any other", () =>
    Effect.gen(function* () {
      const other = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      const redirect = `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${other.url("/")}\r\ncontent-length: 0\r\n\r\n`
      const server = yield* rawServer(({ socket }) => socket.write(redirect))
      const response = yield* post(server.url("/"), "{}").pipe(Effect.provide(layer))
      assert.strictEqual(response.status, 307)
      assert.deepStrictEqual(other.requests, [])
    })
  )

  it.live("names the target in full to a proxy for http, and asks it for a tunnel for https", () =>
    Effect.gen(function* () {
      const proxy = yield* rawServer(({ text, socket }) =>
        text.startsWith("CONNECT")
          ? socket.end("HTTP/1.1 407 Denied\r\ncontent-length: 0\r\n\r\n")
          : socket.write(reply("{}"))
      )
      const [plain, tunnel] = yield* Effect.all([
        post("http://provider.invalid/v1/o3-mini", "{}"),
        Effect.flip(post("https://provider.invalid/v1/o3-mini", "{}"))
      ]).pipe(Effect.provide(layerWith({ proxy: proxy.url("") })))
      assert.strictEqual(plain.status, 200)
      assert.strictEqual(sentOf(tunnel), "no")
      assert.match(proxy.requests[0] ?? "", /^POST http:\/\/provider\.invalid\/v1\/o3-mini HTTP\/1\.1\r\n/)
      assert.match(proxy.requests[1] ?? "", /^CONNECT provider\.invalid:443 HTTP\/1\.1\r\n/)
      assert.notInclude(proxy.requests[1] ?? "", "SG_0123456789abcdef")
    })
  )
})

describe("a request that was not sent", () => {
  it.live("says so when the connection is refused", () =>
    Effect.gen(function* () {
      const port = yield* Effect.scoped(
        Effect.map(
          rawServer(() => {}),
          (server) => server.port
        )
      )
      const { error, progress } = yield* failing(`http://127.0.0.1:${port}/`)
      assert.strictEqual(sentOf(error), "no")
      assert.strictEqual(failureOf(error).code, "ECONNREFUSED")
      assert.deepStrictEqual(progress, { tracked: true, sentAt: undefined, firstByteAt: undefined })
    })
  )

  it.live("says so when the host has no address", () =>
    Effect.gen(function* () {
      const { error } = yield* failing("http://nobody.invalid/")
      assert.strictEqual(sentOf(error), "no")
      assert.include(["ENOTFOUND", "EAI_AGAIN"], failureOf(error).code)
    })
  )

  it.live("says so when the other side hangs up in the TLS handshake", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(
        () => {},
        (socket) => void socket.once("data", () => socket.destroy())
      )
      const { error } = yield* failing(server.url("/").replace("http:", "https:"))
      assert.strictEqual(sentOf(error), "no")
      assert.strictEqual(failureOf(error).code, "ECONNRESET")
    })
  )

  it.live("says so when the TLS handshake outlasts the connect timeout", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(
        () => {},
        () => {}
      )
      const { error } = yield* failing(server.url("/").replace("http:", "https:"), { connectTimeout: 50 })
      assert.strictEqual(sentOf(error), "no")
      assert.strictEqual(failureOf(error).code, "UND_ERR_CONNECT_TIMEOUT")
    })
  )

  it.live("says so when it cannot be written as HTTP", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      const request = HttpClientRequest.post(server.url("/"), { headers: { "x-api-key": "line\nbreak" } })
      const error = yield* Effect.flip(HttpClient.execute(request)).pipe(Effect.provide(layer))
      assert.strictEqual(sentOf(error), "no")
      assert.deepStrictEqual(server.requests, [])
    })
  )

  it.live("says so when its URL is none", () =>
    Effect.gen(function* () {
      const { error } = yield* failing("not a url")
      assert.strictEqual(error.reason._tag, "InvalidUrlError")
      assert.strictEqual(sentOf(error), "no")
    })
  )

  it.live("says so when its body is a stream", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      const request = HttpClientRequest.post(server.url("/"), { body: HttpBody.stream(Stream.empty) })
      const error = yield* Effect.flip(HttpClient.execute(request)).pipe(Effect.provide(layer))
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.strictEqual(sentOf(error), "no")
    })
  )

  it.live("never leaves when it is interrupted while it waits for a connection", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<Socket>()
      const server = yield* rawServer(({ text, socket }) => {
        if (text.includes("first")) Deferred.doneUnsafe(arrived, Effect.succeed(socket))
        else socket.write(reply("{}"))
      })
      const progress = freshProgress()
      yield* Effect.gen(function* () {
        const first = yield* Effect.forkChild(post(server.url("/"), "first"))
        const socket = yield* Deferred.await(arrived)
        const second = yield* Effect.forkChild(
          post(server.url("/"), "second").pipe(Effect.provideService(CurrentProgress, progress)),
          { startImmediately: true }
        )
        yield* Fiber.interrupt(second)
        socket.write(reply("{}"))
        yield* Fiber.join(first)
        yield* post(server.url("/"), "third")
      }).pipe(Effect.provide(layerWith({ connections: 1 })))
      assert.deepStrictEqual(server.requests.map(bodyOf), ["first", "third"])
      assert.strictEqual(progress.sentAt, undefined)
    })
  )
})

describe("a request that may have been sent", () => {
  it.live("says so when the connection is reset before the reply", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.resetAndDestroy())
      const { error, progress } = yield* failing(server.url("/"))
      assert.strictEqual(sentOf(error), "maybe")
      assert.strictEqual(failureOf(error).code, "ECONNRESET")
      assert.isDefined(progress.sentAt)
      assert.isUndefined(progress.firstByteAt)
      assert.lengthOf(server.requests, 1)
    })
  )

  it.live("says so when the other side closes without a reply", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.end())
      const { error } = yield* failing(server.url("/"))
      assert.strictEqual(sentOf(error), "maybe")
      assert.lengthOf(server.requests, 1)
    })
  )

  it.live("says so when the reply is no HTTP", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write("220 smtp.example.invalid ready\r\n"))
      assert.strictEqual(sentOf((yield* failing(server.url("/"))).error), "maybe")
    })
  )

  it.live("keeps status and headers when the reset comes in the middle of the body", () =>
    Effect.gen(function* () {
      const half = 'HTTP/1.1 200 OK\r\nx-cost: 0.5\r\ncontent-length: 100\r\n\r\n{"half":'
      const server = yield* rawServer(({ socket }) => socket.write(half, () => socket.resetAndDestroy()))
      yield* Effect.gen(function* () {
        const response = yield* post(server.url("/"), "{}")
        assert.strictEqual(response.status, 200)
        assert.strictEqual(response.headers["x-cost"], "0.5")
        assert.strictEqual(sentOf(yield* Effect.flip(response.text)), "maybe")
      }).pipe(Effect.provide(layer))
    })
  )

  it.live("is refused a second start, should undici ever try to send it again", () =>
    Effect.gen(function* () {
      const aborted: Array<string> = []
      // Undici 8 sends nothing twice with one request a connection, so the retry is played here.
      class Restarting extends Dispatcher {
        override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
          for (const name of ["first", "second"])
            handler.onRequestStart?.(
              controller((reason) => {
                aborted.push(name)
                handler.onResponseError?.(
                  controller(() => {}),
                  reason
                )
              }),
              {}
            )
          return true
        }
      }
      const client = dispatchClient(new Restarting())
      const error = yield* Effect.flip(client.execute(HttpClientRequest.get("http://provider.invalid/")))
      assert.deepStrictEqual(aborted, ["second"])
      assert.strictEqual(sentOf(error), "maybe")
    })
  )

  it.live("is what an error of another client counts as", () =>
    Effect.sync(() => {
      const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
      const reason = new HttpClientError.TransportError({ request: HttpClientRequest.get("/"), cause: refused })
      assert.strictEqual(sentOf(new HttpClientError.HttpClientError({ reason })), "maybe")
    })
  )
})

describe("interruption", () => {
  it.live("closes the socket of a request without a reply, and the caller sees that it had left", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const server = yield* rawServer(({ socket }) => {
        socket.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const progress = freshProgress()
      yield* Effect.gen(function* () {
        const call = post(server.url("/"), "{}").pipe(Effect.provideService(CurrentProgress, progress))
        const fiber = yield* Effect.forkChild(call)
        yield* Deferred.await(arrived)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(closed)
      }).pipe(Effect.provide(layer))
      assert.isDefined(progress.sentAt)
    })
  )

  it.live("closes the socket while the body is being read", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* rawServer(({ socket }) => {
        socket.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
      })
      yield* Effect.gen(function* () {
        const response = yield* post(server.url("/"), "{}")
        const fiber = yield* Effect.forkChild(response.text, { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(closed)
      }).pipe(Effect.provide(layer))
    })
  )

  it.live("fails the calls in flight when the layer is closed, without a word that they were not sent", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const server = yield* rawServer(() => Deferred.doneUnsafe(arrived, Effect.void))
      const call = yield* Effect.gen(function* () {
        const fiber = yield* Effect.forkDetach(Effect.flip(post(server.url("/"), "{}")))
        yield* Deferred.await(arrived)
        return fiber
      }).pipe(Effect.provide(layer))
      assert.strictEqual(sentOf(yield* Fiber.join(call)), "maybe")
    })
  )
})

describe("connections", () => {
  it.live("are kept and used again", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      yield* Effect.gen(function* () {
        for (const body of ["a", "b", "c"]) yield* (yield* post(server.url("/"), body)).text
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(server.requests.map(bodyOf), ["a", "b", "c"])
      assert.strictEqual(server.connections(), 1)
    })
  )

  it.live("are used again after a reply whose body nobody read", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("x".repeat(300_000))))
      yield* Effect.gen(function* () {
        yield* post(server.url("/"), "a")
        yield* post(server.url("/"), "b")
      }).pipe(Effect.provide(layerWith({ connections: 1 })))
      assert.strictEqual(server.connections(), 1)
    })
  )

  it.live("that the server closed while idle are replaced, and nobody notices", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* rawServer(({ text, socket }) => {
        socket.write(reply("{}"))
        if (bodyOf(text) === "a") socket.end().once("close", () => Deferred.doneUnsafe(closed, Effect.void))
      })
      yield* Effect.gen(function* () {
        yield* (yield* post(server.url("/"), "a")).text
        yield* Deferred.await(closed)
        yield* post(server.url("/"), "b")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(server.requests.map(bodyOf), ["a", "b"])
      assert.strictEqual(server.connections(), 2)
    })
  )

  it.live("that the server reset, unseen as yet, fail the next request as not sent", () =>
    Effect.gen(function* () {
      const sockets: Array<Socket> = []
      const server = yield* rawServer(({ socket }) => {
        sockets.push(socket)
        socket.write(reply("{}"))
      })
      yield* Effect.gen(function* () {
        yield* (yield* post(server.url("/"), "a")).text
        // The reset is in the client's kernel when the next call begins; its event loop learns of it a turn later.
        sockets[0]?.resetAndDestroy()
        const error = yield* Effect.flip(post(server.url("/"), "b"))
        // By its code alone this would be a request in doubt.
        assert.strictEqual(failureOf(error).code, "ECONNRESET")
        assert.strictEqual(sentOf(error), "no")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(server.requests.map(bodyOf), ["a"])
    })
  )

  it.live("that die under the second request leave it in doubt, and it is not sent again", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ text, socket }) =>
        bodyOf(text) === "a" ? socket.write(reply("{}")) : socket.resetAndDestroy()
      )
      yield* Effect.gen(function* () {
        yield* (yield* post(server.url("/"), "a")).text
        assert.strictEqual(sentOf(yield* Effect.flip(post(server.url("/"), "b"))), "maybe")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(server.requests.map(bodyOf), ["a", "b"])
      assert.strictEqual(server.connections(), 1)
    })
  )
})

describe("a reply", () => {
  it.live("of 8 MB to a request of 8 MB arrives whole", () =>
    Effect.gen(function* () {
      const large = "é".repeat(4_000_000)
      const server = yield* rawServer(({ text, socket }) => socket.write(reply(bodyOf(text))))
      const text = yield* post(server.url("/"), large).pipe(
        Effect.flatMap((response) => response.text),
        Effect.provide(layer)
      )
      assert.isTrue(text === large)
    })
  )

  it.live("over 32 MiB fails, and the request may have been charged", () =>
    Effect.gen(function* () {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${maxReplyBytes + 1}\r\n\r\n`
      const server = yield* rawServer(({ socket }) => socket.write(head + "x".repeat(maxReplyBytes + 1)))
      const error = yield* post(server.url("/"), "{}").pipe(
        Effect.flatMap((response) => Effect.flip(response.text)),
        Effect.provide(layer)
      )
      assert.strictEqual(sentOf(error), "maybe")
      assert.strictEqual(failureOf(error).code, "UND_ERR_RES_EXCEEDED_MAX_SIZE")
    })
  )

  it.live("that was packed unasked is unpacked, and one that only claims to be is undecodable", () =>
    Effect.gen(function* () {
      const packed = gzipSync('{"a":1}')
      const server = yield* rawServer(({ text, socket }) => {
        const body = bodyOf(text) === "good" ? packed : Buffer.from("not gzip")
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`)
        socket.write(body)
      })
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* (yield* post(server.url("/"), "good")).json, { a: 1 })
        const error = yield* Effect.flip((yield* post(server.url("/"), "bad")).text)
        assert.strictEqual(error.reason._tag, "DecodeError")
        assert.strictEqual(sentOf(error), "maybe")
      }).pipe(Effect.provide(layer))
    })
  )

  it.live("loses its byte order mark and comes after early hints", () =>
    Effect.gen(function* () {
      const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
      const server = yield* rawServer(({ socket }) => socket.write(hints + reply('\ufeff{"a":1}')))
      const response = yield* post(server.url("/"), "{}").pipe(Effect.provide(layer))
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* response.json, { a: 1 })
    })
  )

  it.live("can be read as it streams in", () =>
    Effect.gen(function* () {
      const sockets: Array<Socket> = []
      const server = yield* rawServer(({ socket }) => {
        sockets.push(socket)
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
      })
      // The server says "two" only when "one" has been read, so a buffered body would never end.
      const chunks = yield* post(server.url("/"), "{}").pipe(
        Effect.flatMap((response) =>
          response.stream.pipe(
            Stream.decodeText(),
            Stream.tap((chunk) => Effect.sync(() => chunk === "one" && sockets[0]?.write("3\r\ntwo\r\n0\r\n\r\n"))),
            Stream.runCollect
          )
        ),
        Effect.provide(layer)
      )
      assert.deepStrictEqual([...chunks], ["one", "two"])
    })
  )

  it.live("leaves the times of sending and of its first byte", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(({ socket }) => socket.write(reply("{}")))
      const progress = freshProgress()
      yield* post(server.url("/"), "{}").pipe(Effect.provideService(CurrentProgress, progress), Effect.provide(layer))
      assert.isDefined(progress.sentAt)
      assert.isDefined(progress.firstByteAt)
      assert.isTrue(progress.sentAt <= progress.firstByteAt)
    })
  )
})

const controller = (abort: (reason: Error) => void): Dispatcher.DispatchController => ({
  aborted: false,
  paused: false,
  reason: null,
  abort,
  pause: () => {},
  resume: () => {}
})

const post = (url: string, body: string) =>
  HttpClient.execute(
    HttpClientRequest.post(url, {
      headers: { "content-type": "application/json", "x-api-key": "SG_0123456789abcdef" },
      body: HttpBody.text(body, "application/json")
    })
  )

const failing = Effect.fnUntraced(function* (url: string, options: TransportOptions = {}) {
  const progress = freshProgress()
  const error = yield* Effect.flip(post(url, "{}")).pipe(
    Effect.provideService(CurrentProgress, progress),
    Effect.provide(layerWith(options))
  )
  return { error, progress }
})

const failureOf = (error: HttpClientError.HttpClientError): TransportFailure => {
  assert.instanceOf(error.cause, TransportFailure)
  return error.cause
}

const reply = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const bodyOf = (request: string) => request.slice(request.indexOf("\r\n\r\n") + 4)

interface Arrival {
  /** The whole request as it was on the wire. */
  readonly text: string
  readonly socket: Socket
}

/** A TCP server on loopback that hands over each request when its last byte is in; it speaks no HTTP of its own. */
const rawServer = (onRequest: (arrival: Arrival) => void, onConnection?: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const requests: Array<string> = []
      const sockets: Array<Socket> = []
      const server = createServer((socket) => {
        sockets.push(socket)
        // The other end hangs up as it likes in these tests.
        socket.on("error", () => {})
        if (onConnection !== undefined) return onConnection(socket)
        let chunks: Array<Buffer> = []
        let length = Number.POSITIVE_INFINITY
        socket.on("data", (chunk) => {
          chunks.push(chunk)
          if (length === Number.POSITIVE_INFINITY) length = requestLength(Buffer.concat(chunks))
          if (chunks.reduce((sum, { length }) => sum + length, 0) < length) return
          const text = Buffer.concat(chunks).toString()
          chunks = []
          length = Number.POSITIVE_INFINITY
          requests.push(text)
          onRequest({ text, socket })
        })
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const { port } = server.address() as AddressInfo
      return {
        port,
        requests,
        url: (path: string) => `http://127.0.0.1:${port}${path}`,
        connections: () => sockets.length,
        close: async () => {
          for (const socket of sockets) socket.destroy()
          server.close()
          await once(server, "close")
        }
      }
    }),
    (server) => Effect.promise(server.close)
  )

const requestLength = (bytes: Buffer): number => {
  const headEnd = bytes.indexOf("\r\n\r\n")
  if (headEnd === -1) return Number.POSITIVE_INFINITY
  const contentLength = /content-length: (\d+)/.exec(bytes.subarray(0, headEnd).toString())?.[1] ?? "0"
  return headEnd + 4 + Number(contentLength)
}
