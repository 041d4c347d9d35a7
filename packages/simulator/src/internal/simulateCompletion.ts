import { hash } from "node:crypto"
import type { SimulatedAnswer } from "../AnswerBook.ts"
import type { SimulatedMessage } from "../hashMessages.ts"
import type { SimulatedModel } from "../SimulatedModel.ts"
import { type Draws, drawsFrom, normal } from "./draws.ts"
import { dressAnswer, type JsonMode } from "./dressAnswer.ts"
import { readPrompt } from "./readPrompt.ts"
import { countPromptTokens, countTokens, takeTokens } from "./tokens.ts"

export type Effort = "low" | "medium" | "high"

/** A request that passed every check. */
export interface CompletionRequest {
  readonly slug: string
  readonly messages: ReadonlyArray<SimulatedMessage>
  readonly messagesHash: string
  readonly effort: Effort
  readonly maxCompletionTokens: number | undefined
  readonly seed: number
  readonly jsonMode: JsonMode | undefined
}

export interface SimulatedCompletion {
  /** 64 hex characters that name request and seed; ids and times are cut from it. */
  readonly digest: string
  readonly content: string | null
  readonly refusal: string | null
  readonly finishReason: "stop" | "length"
  readonly promptTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  /** A standard normal draw for whoever times the reply. */
  readonly slowness: number
}

/**
 * The simulated model: a pure function of the request and its seed. How it does is programmed in, not found out.
 *
 * The cap is left out of the draws, so that the same request under a tighter cap is the same reply, cut.
 */
export const simulateCompletion = (
  request: CompletionRequest,
  model: SimulatedModel,
  answer: SimulatedAnswer | undefined
): SimulatedCompletion => {
  const digest = hash("sha256", `${request.messagesHash} ${request.slug} ${request.effort} ${request.seed}`, "hex")
  const draws = drawsFrom(digest)
  // Drawn first and always, so that no later choice can shift them.
  const slowness = normal(draws)
  const thinking = normal(draws)
  const reply = answer === undefined ? plainReply(request.jsonMode) : answeredReply(draws, request, model, answer)
  const reasoningTokens = model.reasons
    ? Math.max(16, Math.round(medianThinking[request.effort] * (0.5 + reply.difficulty) * Math.exp(0.35 * thinking)))
    : 0
  const prompt = { digest, slowness, promptTokens: countPromptTokens(request.messages) }
  const cap = Math.min(request.maxCompletionTokens ?? model.outputLimit, model.outputLimit)

  // Thinking that never ends takes a cap to end it; without one it would cost a whole output limit.
  const runsAway = model.reasons && request.maxCompletionTokens !== undefined && reply.runsAway
  if (runsAway || (reasoningTokens > 0 && reasoningTokens >= cap)) {
    return {
      ...prompt,
      content: "",
      refusal: null,
      finishReason: "length",
      completionTokens: cap,
      reasoningTokens: cap
    }
  }
  const text = reply.refusal ?? reply.content ?? ""
  const visible = countTokens(text)
  if (reasoningTokens + visible > cap) {
    const cut = takeTokens(text, cap - reasoningTokens)
    return { ...prompt, content: cut, refusal: null, finishReason: "length", completionTokens: cap, reasoningTokens }
  }
  const { content, refusal } = reply
  const completionTokens = reasoningTokens + visible
  return { ...prompt, content, refusal, finishReason: "stop", completionTokens, reasoningTokens }
}

interface Reply {
  readonly content: string | null
  readonly refusal: string | null
  readonly difficulty: number
  readonly runsAway: boolean
}

/** Median reasoning tokens for a sample of middling difficulty. */
const medianThinking: Readonly<Record<Effort, number>> = { low: 100, medium: 250, high: 600 }

/**
 * Log-odds of a right answer. Over difficulties spread evenly from 0.1 to 0.9, at medium effort, a plain line is right
 * about two times of three and a fully structured prompt about nine times of ten.
 */
const odds = { base: 2.5, quality: 2, difficulty: 3.6, effort: { low: -0.6, medium: 0, high: 0.6 } }

const answeredReply = (
  draws: Draws,
  request: CompletionRequest,
  model: SimulatedModel,
  answer: SimulatedAnswer
): Reply => {
  const { quality, contract } = readPrompt(request.messages)
  const effort = model.reasons ? odds.effort[request.effort] : 0
  const logit = odds.base + model.skill + effort + odds.quality * quality - odds.difficulty * answer.difficulty
  const right = draws() < 1 / (1 + Math.exp(-logit))
  const mishap = draws()
  const { difficulty } = answer
  const runsAway = mishap < (contract.stated ? 0.006 : 0.015)
  if (mishap > 0.997) return { ...refuse(request.jsonMode), difficulty, runsAway }
  const said = right ? answer.right : drawMistake(draws, answer)
  if (said === undefined) return { content: "I am not sure about this one.", refusal: null, difficulty, runsAway }
  const content = dressAnswer(draws, { answer, said, right, contract, jsonMode: request.jsonMode })
  return { content, refusal: null, difficulty, runsAway }
}

const drawMistake = (draws: Draws, { wrong }: SimulatedAnswer): string | undefined =>
  wrong[Math.floor(draws() * wrong.length)]

/** With structured outputs a refusal has a field of its own; without them it is said in the content. */
const refuse = (jsonMode: JsonMode | undefined): Pick<Reply, "content" | "refusal"> => {
  const sentence = "I'm sorry, but I can't help with that."
  return jsonMode === undefined ? { content: sentence, refusal: null } : { content: null, refusal: sentence }
}

/** An unknown prompt gets the same short reply each time, without mishaps, so that a smoke test can rely on it. */
const plainReply = (jsonMode: JsonMode | undefined): Reply => {
  const sentence = "This is a simulated reply to a prompt that the simulator has no answer for."
  const content = jsonMode === undefined ? sentence : JSON.stringify({ [jsonMode.key]: sentence })
  return { content, refusal: null, difficulty: 0.2, runsAway: false }
}
