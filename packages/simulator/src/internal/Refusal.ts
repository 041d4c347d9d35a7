/**
 * Why the server does not run a call. One value for both dialects: Segmind's envelope carries only the message, an
 * OpenAI error carries the rest too.
 */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 406 | 410 | 429 | 500
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

export const refusal = (
  status: Refusal["status"],
  message: string,
  detail: { readonly type?: string; readonly param?: string; readonly code?: string } = {}
): Refusal => ({
  status,
  message,
  type: detail.type ?? "invalid_request_error",
  param: detail.param ?? null,
  code: detail.code ?? null
})

export const isRefusal = (value: object): value is Refusal => "status" in value && "message" in value
