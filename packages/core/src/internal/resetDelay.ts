/** A server may not ask us to wait longer than this; a longer wish is ignored and the backoff rules. */
const longestWaitMillis = 120_000

/**
 * How long a 429 asks to wait, in milliseconds, or undefined when it does not say so in a way that can be believed.
 *
 * Reads `retry-after-ms`, `retry-after` (seconds or a date) and the reset headers in every format seen: ISO 8601,
 * `YYYY-MM-DD HH:MM:SS`, both UTC where they name no zone, seconds or milliseconds since 1970, an HTTP date, a Go duration such as `6m0s`.
 * An absolute time is measured against the server's own `date`, so that a wrong clock here does no harm.
 */
export const resetDelay = (headers: Readonly<Record<string, string | undefined>>, now: number): number | undefined => {
  const serverNow = parseDate(headers["date"] ?? "") ?? now
  const wishes = [
    durationOf(headers["retry-after-ms"], 1),
    durationOf(headers["retry-after"], 1000),
    untilTime(headers["retry-after"], serverNow),
    untilTime(headers["x-rate-limit-reset-at-utc"], serverNow),
    goDuration(headers["x-ratelimit-reset-requests"])
  ]
  return wishes.find((wish) => wish !== undefined && wish > 0 && wish <= longestWaitMillis)
}

const durationOf = (value: string | undefined, unitMillis: number): number | undefined =>
  value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * unitMillis : undefined

const untilTime = (value: string | undefined, serverNow: number): number | undefined => {
  const time = value === undefined ? undefined : parseDate(value)
  return time === undefined ? undefined : time - serverNow
}

const parseDate = (value: string): number | undefined => {
  const trimmed = value.trim()
  if (/^\d{10}(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed)
  const zoned = zonelessTime.test(trimmed) ? `${trimmed.replace(" ", "T")}Z` : trimmed
  return /^(\d{4}-\d\d-\d\dT|[A-Z][a-z]{2}, )/.test(zoned) ? finite(Date.parse(zoned)) : undefined
}

/** `Date.parse` would take these as the time of this machine's zone. */
const zonelessTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/

const goUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const goDuration = (value: string | undefined): number | undefined => {
  if (value === undefined || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return undefined
  let total = 0
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (goUnits[unit ?? ""] ?? 0)
  }
  return total
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)
