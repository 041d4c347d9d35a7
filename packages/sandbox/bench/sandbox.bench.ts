/** `node bench/sandbox.bench.ts`: cold start, warm latency and throughput, as a table, or with `--json` a line a measure. */
import { createSandbox, type FunctionTests, type Sandbox } from "../src/index.ts"

interface Measure {
  readonly measure: string
  readonly value: number
  readonly unit: string
  /** The least or the most that is good enough; `null` where the number is only told. */
  readonly bar: string | null
  readonly ok: boolean
}

// A textbook answer with a loop and three cases, so that loading, calling and marshalling are all in the number.
const job = (language: FunctionTests["language"]): FunctionTests => ({
  language,
  source:
    language === "javascript"
      ? "function primes(n) { const found = []; for (let i = 2; found.length < n; i++) if (found.every((p) => i % p)) found.push(i); return found }"
      : "const primes = (n: number): number[] => { const found: number[] = []; for (let i = 2; found.length < n; i++) if (found.every((p) => i % p)) found.push(i); return found }",
  entry: "primes",
  cases: [
    { arguments: [0], expected: [] },
    { arguments: [5], expected: [2, 3, 5, 7, 11] },
    { arguments: [10], expected: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29] }
  ]
})

const check = async (sandbox: Sandbox, one: FunctionTests): Promise<void> => {
  const outcome = await sandbox.runFunctionTests(one)
  if (outcome._tag !== "Ran" || !outcome.results.every((result) => result.passed)) {
    throw new Error(`An honest program did not pass: ${JSON.stringify(outcome)}`)
  }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const coldStart = async (): Promise<number> => {
  const times: Array<number> = []
  for (let round = 0; round < 5; round += 1) {
    const sandbox = createSandbox()
    times.push(await timed(() => check(sandbox, job("javascript"))))
    await sandbox.close()
  }
  return median(times)
}

const warm = async (sandbox: Sandbox, one: FunctionTests): Promise<number> => {
  for (let round = 0; round < 50; round += 1) await check(sandbox, one)
  const times: Array<number> = []
  for (let round = 0; round < 300; round += 1) times.push(await timed(() => check(sandbox, one)))
  return median(times)
}

const throughput = async (workers: number): Promise<number> => {
  const sandbox = createSandbox({ workers })
  await Promise.all(Array.from({ length: 100 }, () => check(sandbox, job("javascript"))))
  const programs = 1500
  const ms = await timed(() => Promise.all(Array.from({ length: programs }, () => check(sandbox, job("javascript")))))
  await sandbox.close()
  return (1000 * programs) / ms
}

const afterKill = async (sandbox: Sandbox): Promise<number> => {
  // One search through 2 ** 53 absent items, inside one C function that is never interrupted: the host is killed.
  const hang = {
    ...job("javascript"),
    source: "Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)",
    limits: { wallMs: 50 }
  }
  const outcome = await sandbox.runFunctionTests(hang)
  if (outcome._tag !== "TimedOut") throw new Error(`The hanging program ended as ${outcome._tag}.`)
  return timed(() => check(sandbox, job("javascript")))
}

const sandbox = createSandbox()
const measures: ReadonlyArray<Measure> = [
  told("cold start to first verdict", await coldStart(), "ms"),
  atMost("warm JavaScript job, p50", await warm(sandbox, job("javascript")), "ms", 5),
  told("warm TypeScript job, p50", await warm(sandbox, job("typescript")), "ms"),
  told("honest job after an uninterruptible one", await afterKill(sandbox), "ms"),
  told("JavaScript programs, 1 worker", await throughput(1), "programs/s"),
  atLeast("JavaScript programs, 2 workers", await throughput(2), "programs/s", 250)
]
await sandbox.close()

if (process.argv.includes("--json")) for (const one of measures) process.stdout.write(`${JSON.stringify(one)}\n`)
else for (const one of measures) process.stdout.write(`${row(one)}\n`)
if (measures.some((one) => !one.ok)) process.exitCode = 1

function told(measure: string, value: number, unit: string): Measure {
  return { measure, value, unit, bar: null, ok: true }
}
function atMost(measure: string, value: number, unit: string, bar: number): Measure {
  return { measure, value, unit, bar: `<= ${bar}`, ok: value <= bar }
}
function atLeast(measure: string, value: number, unit: string, bar: number): Measure {
  return { measure, value, unit, bar: `>= ${bar}`, ok: value >= bar }
}
function row({ measure, value, unit, bar, ok }: Measure): string {
  return `${measure.padEnd(42)}${value.toFixed(1).padStart(9)} ${unit.padEnd(11)}${bar ?? ""}${ok ? "" : "  MISSED"}`
}
