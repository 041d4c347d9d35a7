import { hash } from "node:crypto"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { messagesText } from "./internal/messagesText.ts"
import type { Provider } from "./Provider.ts"

/**
 * Names what a call buys: 32 hex digits (128 bits of SHA-256) over provider, base URL, slug, rendered messages, model
 * settings, kind and `trialIndex`, so that a judge's call is never an answer's twin. The target is not in it, so that
 * mending a target never buys again; nor is the API key.
 */
export const completionKey = (request: CompletionRequest, provider: Provider): string => {
  const identity = [
    provider.name,
    provider.origin ?? provider.baseUrl,
    request.model,
    request.reasoningEffort ?? null,
    request.maxCompletionTokens,
    request.seed ?? null,
    request.json ?? false,
    request.kind ?? "answer",
    request.trialIndex ?? 0
  ]
  return hash("sha256", `${JSON.stringify(identity)}\n${messagesText(request.messages)}`, "hex").slice(0, 32)
}
