import { Effect } from "effect"
import type { AiError, Prompt } from "effect/ai"
import type { Message } from "../CompletionRequest.ts"
import { unsupported } from "./unsupported.ts"

/**
 * The turns of an `effect/ai` prompt as core's messages. Text parts of a user are joined by line breaks, those of an
 * assistant as they are, since they are pieces of one reply. Earlier reasoning is left out: no provider here takes it
 * back. Fails on files and tools, because a prompt without them would be another prompt.
 */
export const toMessages = (
  prompt: Prompt.Prompt,
  method: string
): Effect.Effect<ReadonlyArray<Message>, AiError.AiError> =>
  Effect.forEach(prompt.content, (message): Effect.Effect<Message, AiError.AiError> => {
    switch (message.role) {
      case "system":
        return Effect.succeed({ role: "system", content: message.content })
      case "user":
        return Effect.map(textsOf(message.content, method), (texts) => ({ role: "user", content: texts.join("\n") }))
      case "assistant":
        return Effect.map(textsOf(message.content, method), (texts) => ({ role: "assistant", content: texts.join("") }))
      case "tool":
        return Effect.fail(unsupported(method, "prompt", "it has a tool message, and tools are not supported"))
    }
  })

const textsOf = (parts: ReadonlyArray<Prompt.Part>, method: string) => {
  const texts: Array<string> = []
  for (const part of parts) {
    if (part.type === "text") texts.push(part.text)
    else if (part.type !== "reasoning") {
      return Effect.fail(unsupported(method, "prompt", `it has a ${part.type} part; only text is supported`))
    }
  }
  return Effect.succeed(texts)
}
