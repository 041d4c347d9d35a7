const picoPerCredit = 1_000_000_000_000n

/** Exact decimal text of an amount in pico-credits, without exponent or trailing zeros: 1389580000n is `0.00138958`. */
export const printCredits = (amount: bigint): string => {
  const sign = amount < 0n ? "-" : ""
  const size = amount < 0n ? -amount : amount
  const whole = size / picoPerCredit
  const fraction = size % picoPerCredit
  if (fraction === 0n) return `${sign}${whole}`
  return `${sign}${whole}.${trimZeros(fraction.toString().padStart(12, "0"))}`
}

/** Pico-credits of a plain decimal such as `10`, `-0.5` or `0.000000000001`; `undefined` for anything else or finer. */
export const parseCredits = (text: string): bigint | undefined => {
  const parts = /^(-?)(\d{1,12})(?:\.(\d{1,12}))?$/.exec(text)
  if (parts === null) return undefined
  const size = BigInt(parts[2] ?? "0") * picoPerCredit + BigInt((parts[3] ?? "").padEnd(12, "0"))
  return parts[1] === "-" ? -size : size
}

/** Exact seconds with three decimals, from whole milliseconds. */
export const printSeconds = (milliseconds: number): string =>
  `${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, "0")}`

const trimZeros = (digits: string): string => {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}
