import type { CompletionRequest } from "../CompletionRequest.ts"
import { encodeRequest } from "../internal/encodeRequest.ts"
import type { Call } from "../resolveCall.ts"

/** One call as a line of a batch's input file. */
export interface BatchLine {
  readonly call: Call
  /** Names the line in the files of its batch: the completion key and the trial, which the key alone would hide from a person. */
  readonly customId: string
  /** The most it can cost, in pico-credits: half of what the same call may cost at once. */
  readonly bound: bigint
}

/** Batches cost half. Rounded up, so that a bound stays a bound. */
export const halfPrice = (amount: bigint): bigint => (amount + 1n) / 2n

export const lineOf = (call: Call): BatchLine => ({
  call,
  customId: `${call.key}-${call.request.trialIndex ?? 0}`,
  bound: halfPrice(call.bound)
})

/** The line as it stands in the file, without its line break. The body is that of the same call sent at once. */
export const encodeLine = ({ call, customId }: BatchLine): string =>
  `{"custom_id":${JSON.stringify(customId)},"method":"POST","url":"${completionsEndpoint}","body":${bodyOf(call)}}`

/** The one endpoint whose batches this makes. */
export const completionsEndpoint = "/v1/chat/completions"

/** What the answer to a request may take, in bytes: a frame, and 4 a token, which is more than JSON text averages. */
export const expectedOutputBytes = ({ maxCompletionTokens }: CompletionRequest): number =>
  1200 + 4 * maxCompletionTokens

const bodyOf = ({ request, provider }: Call): string => {
  const { body } = encodeRequest(request, provider)
  return body._tag === "Uint8Array" ? (body.text ?? Buffer.from(body.body).toString()) : "null"
}
