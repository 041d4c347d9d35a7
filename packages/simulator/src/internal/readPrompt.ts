import type { SimulatedMessage } from "../hashMessages.ts"

/** What the simulated model reads from the messages alone: how well the prompt is built, and what form it asks for. */
export interface PromptReading {
  /** 0 (one plain line) to 1 (delimiters, a role, steps and an output contract). */
  readonly quality: number
  readonly contract: OutputContract
}

export interface OutputContract {
  /** Whether the prompt says what the output has to look like. */
  readonly stated: boolean
  /** Whether it wants the answer and nothing else. */
  readonly bare: boolean
  /** Whether it rules fences out. */
  readonly withoutFences: boolean
  /** How it wants the answer to be found in prose: in a box, in a tag, after a label such as `Answer:`. */
  readonly place: Place | undefined
}

export type Place =
  | { readonly kind: "box" }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "label"; readonly label: string }

export const readPrompt = (messages: ReadonlyArray<SimulatedMessage>): PromptReading => {
  const text = messages.map(({ content }) => content).join("\n")
  const contract = readContract(text)
  const quality =
    (delimiters.test(text) ? weights.delimiters : 0) +
    (messages.some(({ role }) => role === "system" || role === "developer") || role.test(text) ? weights.role : 0) +
    (steps.test(text) ? weights.steps : 0) +
    (contract.stated ? weights.contract : 0)
  return { quality, contract }
}

/** They sum to 1. Invented: they say which habits the simulated model rewards, not which ones a real model does. */
const weights = { delimiters: 0.25, role: 0.2, steps: 0.25, contract: 0.3 }

// Every pattern is a plain scan without nested repetition, so that a long prompt costs time in proportion to its length.
const delimiters = /<\/[a-z][\w-]{0,40}>|"""|```|'''|^#{1,6} \S/im
const role = /\byou are (?:an?|the)\b|\bact as (?:an?|the)\b/i
const steps = /^\s{0,8}(?:\(?\d{1,2}[.)]|step \d{1,2}\b|[a-h]\))\s|\bstep[- ]by[- ]step\b|\bfirst,? .{1,200}\bthen\b/im

const onlyWords =
  /\b(?:answer|respond|reply|output|return|print|write|give)\b.{0,40}?\b(?:only|just|nothing (?:but|else))\b|\b(?:only|just) (?:the|a|one|with) (?:final |single )?(?:number|answer|word|label|integer|json|code|name|letter)\b|\bnothing else\b|\bno (?:other|extra|additional) text\b/i
const lastLine =
  /\b(?:final|last) line\b|\bend (?:your (?:answer|reply|response) )?with\b|\bexactly (?:in )?(?:this|the following) (?:form|format)\b/i
const jsonKeys = /\bjson\b[\s\S]{0,400}["'`][a-z_]\w{0,40}["'`]|["'`][a-z_]\w{0,40}["'`]\s*:/i
const box = /\\boxed\b/
const answerTag = /<(answer|final_answer|result|label|verdict|output)>/i
const labelled =
  /(?:^|["'`\s])(answer|final answer|result|label|verdict):[ \t]*(?:[<[{(*_…]|\.\.\.|\\|the\b|your\b|\d|[A-Z]\b)/im
const gsmMark = /####\s*[<[{(]/
const fencesOut = /\b(?:no|without)\b.{0,20}\b(?:fences?|backticks|markdown|code blocks?)\b/i

const readContract = (text: string): OutputContract => {
  const place = readPlace(text)
  const bare = onlyWords.test(text)
  return {
    stated: bare || place !== undefined || lastLine.test(text) || jsonKeys.test(text),
    bare,
    withoutFences: fencesOut.test(text),
    place
  }
}

const readPlace = (text: string): Place | undefined => {
  if (box.test(text)) return { kind: "box" }
  const tag = answerTag.exec(text)?.[1]
  if (tag !== undefined) return { kind: "tag", tag }
  if (gsmMark.test(text)) return { kind: "label", label: "####" }
  const label = labelled.exec(text)?.[1]
  return label === undefined ? undefined : { kind: "label", label: `${label}:` }
}
