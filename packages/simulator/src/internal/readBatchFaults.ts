import type { BatchFault } from "../BatchFault.ts"

/** `{"<batch index>": BatchFault | BatchFault[]}` from the control plane. Throws with the sentence for its 400. */
export const readBatchFaults = (value: unknown): ReadonlyArray<readonly [number, ReadonlyArray<BatchFault>]> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("The faults of batches must be an object")
  }
  return Object.entries(value).map(([key, entry]) => {
    if (!/^\d{1,9}$/.test(key)) throw new Error(`${key} is not the index of a batch`)
    const faults: ReadonlyArray<unknown> = Array.isArray(entry) ? entry : [entry]
    return [Number(key), faults.map((fault) => readBatchFault(key, fault))]
  })
}

const readBatchFault = (key: string, value: unknown): BatchFault => {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const tag = String(fields["_tag"])
  const numbers = Object.hasOwn(numberFields, tag) ? numberFields[tag as BatchFault["_tag"]] : undefined
  if (numbers === undefined) throw new Error(`The fault of batch ${key} has no known '_tag'`)
  for (const name of numbers) {
    const given = fields[name]
    const missing = given === undefined && name === "visibleAfterMs"
    if (!missing && !(typeof given === "number" && given >= 0)) {
      throw new Error(`The fault of batch ${key} has no valid '${name}'`)
    }
  }
  return fields as unknown as BatchFault
}

const numberFields: Readonly<Record<BatchFault["_tag"], ReadonlyArray<string>>> = {
  UploadLost: [],
  CreateLost: ["visibleAfterMs"],
  CreateReset: [],
  ValidationFailed: [],
  Expired: ["completed"],
  LineRejected: ["line"],
  AllRejected: [],
  LineMissing: ["line"],
  LineDuplicated: ["line"],
  BlankLines: []
}
