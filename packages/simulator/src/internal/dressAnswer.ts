import type { SimulatedAnswer } from "../AnswerBook.ts"
import { type Draws, pick } from "./draws.ts"
import type { OutputContract, Place } from "./readPrompt.ts"

/** What the reply has to be, where the request itself asks for JSON by `response_format`. */
export interface JsonMode {
  /** The key that a lone answer is put under; the first one of the schema, where there is a schema. */
  readonly key: string
}

interface Dressing {
  readonly answer: SimulatedAnswer
  /** What is said: the right answer or one of the wrong ones. */
  readonly said: string
  readonly right: boolean
  readonly contract: OutputContract
  readonly jsonMode: JsonMode | undefined
}

/**
 * The visible reply around an answer, in the manners of real models: boxes, bold labels, prose that ends with the
 * number, thousands separators, fenced JSON with a chatty sentence before it, code with an explanation around it. A
 * prompt that states an output contract mostly gets what it asked for.
 */
export const dressAnswer = (draws: Draws, dressing: Dressing): string => {
  const { answer, said, jsonMode } = dressing
  if (jsonMode !== undefined) return answer.format === "json" ? said : JSON.stringify({ [jsonMode.key]: said })
  switch (answer.format) {
    case "number":
      return dressProse(draws, dressing, dressNumber(draws, said, dressing.contract.stated))
    case "text":
      return dressProse(draws, dressing, said)
    case "json":
      return dressJson(draws, said, dressing.contract)
    case "code":
      return dressCode(draws, dressing)
  }
}

/** Of the replies to a prompt with an output contract, this share forgets it. */
const forgetful = 0.04

const dressProse = (draws: Draws, { answer, right, contract }: Dressing, said: string): string => {
  const remembers = contract.stated && draws() >= forgetful
  const way = right && answer.reasoning !== undefined ? answer.reasoning : pick(draws, ways)
  if (remembers) {
    const placed = contract.place === undefined ? said : inPlace(contract.place, said)
    return contract.bare ? placed : `${way}\n\n${placed}`
  }
  return pick<() => string>(draws, [
    [25, () => `${way}\n\nThe answer is ${said}.`],
    [20, () => `**Answer:** ${said}`],
    [15, () => `${way}\n\n**Answer:** ${said}`],
    [answer.format === "number" ? 20 : 2, () => `${way}\n\n\\boxed{${said}}`],
    [10, () => said],
    [10, () => `${way} So the final answer is **${said}**.`]
  ])()
}

const ways: readonly [readonly [number, string], ...ReadonlyArray<readonly [number, string]>] = [
  [3, "Let us go through what is given and work towards what is asked."],
  [2, "Putting the facts together in order leads to the following."],
  [2, "We take the parts of the question one at a time and combine them."],
  [1, "This needs a little care, since some of the details do not matter."]
]

const inPlace = (place: Place, said: string): string => {
  switch (place.kind) {
    case "box":
      return `\\boxed{${said}}`
    case "tag":
      return `<${place.tag}>${said}</${place.tag}>`
    case "label":
      return `${place.label} ${said}`
  }
}

/** Thousands separators in one large number of four, of twenty where the form of the output is prescribed. */
const dressNumber = (draws: Draws, said: string, contracted: boolean): string => {
  const separated = draws() < (contracted ? 0.05 : 0.25)
  const parts = /^(-?)(\d{4,})(\.\d+)?$/.exec(said)
  if (!separated || parts === null) return said
  return `${parts[1]}${parts[2]?.replace(/\B(?=(?:\d{3})+$)/g, ",")}${parts[3] ?? ""}`
}

const dressJson = (draws: Draws, said: string, contract: OutputContract): string => {
  const fenced = `\`\`\`json\n${said}\n\`\`\``
  if (contract.stated && draws() >= forgetful) return said
  return pick(draws, [
    [35, said],
    [35, fenced],
    [20, `Sure! Here is the JSON you asked for:\n\n${fenced}`],
    [10, `Here is the result:\n\n${said}`]
  ])
}

const dressCode = (draws: Draws, { answer, said, contract }: Dressing): string => {
  const fenced = `\`\`\`${answer.language ?? ""}\n${said}\n\`\`\``
  if (contract.stated && draws() >= forgetful) return contract.withoutFences ? said : fenced
  return pick(draws, [
    [45, fenced],
    [45, `Here is a solution:\n\n${fenced}\n\nIt handles the cases in the description one after the other.`],
    [10, said]
  ])
}
