import { Redacted } from "effect"
import type { Provider } from "../Provider.ts"

/** A reply as it came, with the API key masked wherever the body echoes it. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** Gateways echo keys in errors. A shorter key than this is a local server's placeholder, and may be a plain word. */
const shortestSecret = 12

export const maskKey = (text: string, { apiKey }: Provider): string => {
  const key = Redacted.value(apiKey)
  return key.length >= shortestSecret ? text.replaceAll(key, "…") : text
}
