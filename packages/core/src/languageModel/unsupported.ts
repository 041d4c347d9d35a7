import { AiError } from "effect/ai"

/** Refuses what core's calls cannot do, before anything is sent or charged. */
export const unsupported = (method: string, parameter: string, description: string): AiError.AiError =>
  AiError.make({
    module: "LanguageModel",
    method,
    reason: new AiError.InvalidRequestError({ parameter, description })
  })
