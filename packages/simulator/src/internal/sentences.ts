import { refusal } from "./Refusal.ts"

/** The two 401 sentences as the contract quotes them, and the refusals whose words are invented. */
export const noKey = refusal(401, "Missing Authorization or x-api-key in header", { code: "invalid_api_key" })
export const badKey = refusal(401, "Unauthorized. API key is invalid or may have expired...", {
  code: "invalid_api_key"
})
export const contentType = refusal(406, "Invalid content type")
export const retired = refusal(410, "Model has been retired", { code: "model_not_found" })
export const forbidden = refusal(403, "Your team may not use this model", { code: "model_not_permitted" })
export const malformed = refusal(400, "Malformed JSON in the request body")
export const tooLarge = refusal(400, "The request body is too large")

export const unknownModel = (slug: string) =>
  refusal(404, `The model '${slug}' does not exist`, { param: "model", code: "model_not_found" })
