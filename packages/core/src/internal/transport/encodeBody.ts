import { Result } from "effect"
import { HttpClientError, type HttpClientRequest } from "effect/http"
import { TransportFailure } from "./TransportFailure.ts"

/** The body as bytes or text. Streams and forms are refused before anything is sent: core sends whole JSON texts. */
export const encodeBody = (
  request: HttpClientRequest.HttpClientRequest
): Result.Result<string | Uint8Array | null, HttpClientError.HttpClientError> => {
  const { body } = request
  switch (body._tag) {
    case "Empty":
      return none
    case "Uint8Array":
      // The text, where there is one, spares an encoding: undici writes it as UTF-8 itself.
      return Result.succeed(body.text ?? body.body)
    case "Raw":
      if (typeof body.body === "string" || body.body instanceof Uint8Array) return Result.succeed(body.body)
  }
  const cause = new TransportFailure({ sent: "no", cause: new TypeError(`cannot send a body of kind ${body._tag}`) })
  return Result.fail(
    new HttpClientError.HttpClientError({ reason: new HttpClientError.EncodeError({ request, cause }) })
  )
}

const none = Result.succeed(null)
