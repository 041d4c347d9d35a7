import { gzipSync } from "node:zlib"
import type { Fault } from "../Fault.ts"
import type { Reply } from "./Reply.ts"
import type { SimulatedCompletion } from "./simulateCompletion.ts"

/** The completion as a fault of the third group has it. Its tokens stay billed. */
export const spoilCompletion = (fault: Fault, completion: SimulatedCompletion): SimulatedCompletion => {
  switch (fault._tag) {
    case "EmptyLength":
      return { ...completion, content: "", finishReason: "length", reasoningTokens: completion.completionTokens }
    case "Refusal":
      return { ...completion, content: null, refusal: "I'm sorry, but I can't help with that.", finishReason: "stop" }
    case "NullContent":
      return { ...completion, content: null, refusal: null, finishReason: "stop" }
    default:
      return completion
  }
}

/** The finished reply as a fault of the third group has it. */
export const spoilReply = (fault: Fault, reply: Reply): Reply => {
  switch (fault._tag) {
    case "InvalidJson":
      return { ...reply, body: `${String(reply.body).slice(0, -1)},` }
    case "ErrorInside":
      return { ...reply, body: JSON.stringify({ error: "The upstream provider returned an error" }) }
    case "NoChoices":
      return { ...reply, body: without(reply, "choices", []) }
    case "MissingUsage":
      return { ...reply, body: without(reply, "usage", undefined) }
    case "Encoding":
      return encode(reply, fault.encoding)
    case "Header":
      return { ...reply, headers: replaceHeader(reply.headers, fault.name, fault.value) }
    default:
      return reply
  }
}

const without = (reply: Reply, key: string, instead: unknown): string =>
  JSON.stringify({ ...(JSON.parse(String(reply.body)) as object), [key]: instead })

const encode = (reply: Reply, encoding: "gzip" | "byteOrderMark" | "trailingWhitespace"): Reply => {
  switch (encoding) {
    case "gzip":
      return { ...reply, headers: [...reply.headers, "content-encoding", "gzip"], body: gzipSync(reply.body) }
    case "byteOrderMark":
      return { ...reply, body: `\uFEFF${reply.body}` }
    case "trailingWhitespace":
      return { ...reply, body: `${reply.body}\r\n \n` }
  }
}

const replaceHeader = (
  headers: ReadonlyArray<string>,
  name: string,
  value: string | ReadonlyArray<string> | null
): ReadonlyArray<string> => {
  const kept: Array<string> = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [key, text] = [headers[index] ?? "", headers[index + 1] ?? ""]
    if (key !== name.toLowerCase()) kept.push(key, text)
  }
  const values = value === null ? [] : typeof value === "string" ? [value] : value
  return [...kept, ...values.flatMap((text) => [name, text])]
}
