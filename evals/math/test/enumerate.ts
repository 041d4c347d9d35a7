/**
 * Finds answers a second way, by listing every case, for the samples whose `check` is itself an argument.
 * Nothing here may use a formula that the sample's `check` uses.
 */
export const enumerate: ReadonlyMap<string, () => number> = new Map([
  ["licence-end", licenceEnd],
  ["night-train", nightTrain],
  ["committee", committee],
  ["dice-given", diceGiven],
  ["faulty-sensors", faultySensors],
  ["league", league],
  ["cafe-queue", cafeQueue],
  ["rising-pin", risingPin],
  ["robot-grid", () => robotPaths(0, 0)],
  ["service-days", serviceDays],
  ["tickets", tickets],
  ["painted-cube", paintedCube],
  ["second-roll", secondRoll],
  ["keys", keys],
  ["multiples", multiples],
  ["signals", signals],
  ["tank", tank],
  ["clock-hands", clockHands]
])

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
/** Walks a calendar one day at a time; months are 1 to 12. */
function walkDays(from: { readonly year: number; readonly month: number; readonly day: number }, steps: number) {
  let { year, month, day } = from
  for (let step = 0; step < steps; step += 1) {
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
    const last = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
    day += 1
    if (day > last) {
      day = 1
      month += 1
    }
    if (month > 12) {
      month = 1
      year += 1
    }
  }
  return { year, month, day }
}

function licenceEnd() {
  return walkDays({ year: 2024, month: 10, day: 17 }, 499).day
}

function nightTrain() {
  let [hour, minute] = [21, 47]
  for (let passed = 0; passed < (26 + 2) * 60 + 38; passed += 1) {
    minute = (minute + 1) % 60
    if (minute === 0) hour = (hour + 1) % 24
  }
  return hour * 60 + minute
}

function committee() {
  // Bits 0 to 4 are developers (0 is Ana), bits 5 to 8 are testers (5 is Bruno).
  const bits = (set: number) => range(0, 8).filter((bit) => (set & (1 << bit)) !== 0)
  return range(0, 511).filter((set) => {
    const people = bits(set)
    const testers = people.filter((bit) => bit >= 5).length
    return people.length === 4 && testers >= 1 && testers <= 2 && !(people.includes(0) && people.includes(5))
  }).length
}

function diceGiven() {
  const rolls = range(1, 6).flatMap((first) => range(1, 6).map((second) => [first, second] as const))
  const high = rolls.filter(([first, second]) => first + second >= 8)
  return high.filter((roll) => roll.includes(6)).length / high.length
}

function faultySensors() {
  const draws = range(1, 25).flatMap((first) => range(1, 25).map((second) => [first, second] as const))
  const possible = draws.filter(([first, second]) => first !== second)
  return possible.filter((draw) => draw.some((sensor) => sensor <= 10)).length / possible.length
}

function league() {
  const pairs = range(1, 9).flatMap((first) => range(first + 1, 9).map((second) => [first, second] as const))
  return pairs.reduce((matches, [, second]) => matches + (second <= 3 ? 1 : 2), 0)
}

function cafeQueue() {
  // Half-second ticks are fine enough for 90-second services and arrivals every 2 minutes.
  let waiting = 12
  for (let tick = 1; tick < 100_000; tick += 1) {
    const seconds = tick / 2
    if (seconds % 120 === 0) waiting += 1
    if (seconds % 90 === 0) waiting -= 1
    if (waiting === 0) return seconds / 60
  }
  return Number.NaN
}

function risingPin() {
  return range(0, 9999).filter((pin) => {
    const digits = [...String(pin).padStart(4, "0")].map(Number)
    const rising = digits.every((digit, index) => index === 0 || digit > (digits[index - 1] ?? 9))
    return rising && digits.reduce((sum, digit) => sum + digit, 0) % 2 === 0
  }).length
}

function robotPaths(x: number, y: number): number {
  if (x > 5 || y > 4 || (x === 2 && y === 2)) return 0
  if (x === 5 && y === 4) return 1
  return robotPaths(x + 1, y) + robotPaths(x, y + 1)
}

function serviceDays() {
  // Weekday 6 is the Saturday on which the year begins, weekday 0 a Sunday.
  return range(0, 400).filter((offset) => {
    const weekday = (6 + offset) % 7
    const inYear = walkDays({ year: 2028, month: 1, day: 1 }, offset).year === 2028
    return offset % 73 === 0 && inYear && weekday >= 1 && weekday <= 5
  }).length
}

function tickets() {
  const adults = range(0, 100).filter((count) => count * 14 + (count + 8) * 9 === 601)
  return adults.length === 1 ? (adults[0] ?? Number.NaN) * 2 + 8 : Number.NaN
}

function paintedCube() {
  const edge = range(1, 10)
  const outside = (position: number) => (position === 1 || position === 10 ? 1 : 0)
  const faces = edge.flatMap((x) => edge.flatMap((y) => edge.map((z) => outside(x) + outside(y) + outside(z))))
  return faces.filter((count) => count < 2).length
}

function secondRoll() {
  const prize = (roll: number) => (roll === 6 ? 9 : roll >= 4 ? 3 : 0)
  const games = range(1, 6).flatMap((first) =>
    range(1, 6).map((second) => (prize(first) > 0 ? prize(first) : prize(second)))
  )
  return games.reduce((sum: number, won) => sum + won, 0) / games.length - 2
}

function keys() {
  const outcomes = permutations(range(0, 4))
  return outcomes.filter((taken) => taken.filter((key, guest) => key === guest).length === 2).length
}

function permutations(items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> {
  if (items.length === 0) return [[]]
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}

function multiples() {
  return range(1, 1000).filter((number) => (number % 6 === 0 || number % 15 === 0) && number % 4 !== 0).length
}

function signals() {
  const flashes = (second: number) => [40, 60, 70].filter((period) => second % period === 0).length
  return range(1, 28 * 60).filter((second) => flashes(second) === 2).length
}

function tank() {
  let litres = 600
  for (let minute = 1; minute <= 1000; minute += 1) {
    litres += minute <= 20 ? 30 : 40
    if (litres === 1800) return minute
  }
  return Number.NaN
}

function clockHands() {
  const minutes = 7 * 60 + 20
  const hourHand = (minutes * 0.5) % 360
  const minuteHand = (minutes * 6) % 360
  const apart = Math.abs(hourHand - minuteHand)
  return Math.min(apart, 360 - apart)
}
