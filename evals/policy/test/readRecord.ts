/** Reads the fields of a record strictly: a field of another type than the policy expects throws, so that no typo decides. */
export const readRecord = (record: unknown) => {
  if (record === null || typeof record !== "object") throw new Error("A record must be an object.")
  const fields = new Map(Object.entries(record))
  const optional = <Value>(name: string, isValue: (value: unknown) => value is Value): Value | null => {
    const value: unknown = fields.get(name) ?? null
    if (value === null) return null
    if (!isValue(value)) throw new Error(`Field ${name} has an unexpected value: ${JSON.stringify(value)}`)
    return value
  }
  const required = <Value>(name: string, isValue: (value: unknown) => value is Value): Value => {
    const value = optional(name, isValue)
    if (value === null) throw new Error(`Field ${name} is missing.`)
    return value
  }
  return {
    flag: (name: string) => required(name, (value) => typeof value === "boolean"),
    text: (name: string) => required(name, (value) => typeof value === "string"),
    number: (name: string) => required(name, (value) => typeof value === "number"),
    /** The day's number in the calendar, counted from the year 0. */
    day: (name: string) => dayNumber(required(name, isDate)),
    optionalText: (name: string) => optional(name, (value) => typeof value === "string"),
    optionalNumber: (name: string) => optional(name, (value) => typeof value === "number"),
    optionalDay: (name: string) => {
      const date = optional(name, isDate)
      return date === null ? null : dayNumber(date)
    }
  }
}

const isDate = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)

function dayNumber(date: string): number {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number)
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (month < 1 || month > 12 || day < 1 || day > (lengths[month - 1] ?? 0)) throw new Error(`${date} is no date.`)
  const past = year - 1
  const pastDays = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  return pastDays + lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0) + day
}
