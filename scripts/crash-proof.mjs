// `node scripts/crash-proof.mjs [--rounds 50] [--calls 200] [--seed N] [--keep]` proves the promise about money across kills.
// Each round starts the shipped program (apps/evals/dist/assay.js, which has to be built) on a suite of 200 calls against
// a simulator in a process of its own, kills it with SIGKILL at a random moment, sometimes its `resume` too, and resumes
// until nothing is left. Latency, concurrency, budget and faults (429, 500, answers lost before and after the charge) are
// drawn from the seed, which is printed; the moments of the kills depend on the machine as well. After every kill and at
// the end it holds the ledger against the simulator's account. It prints a table and exits with 1 when a promise is broken.
// `--sabotage` makes the ledger forget what was in flight at the kill, to see that this script would notice.
import { spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const root = fileURLToPath(new URL("..", import.meta.url))
const program = join(root, "apps", "evals", "dist", "assay.js")
const simulatorProgram = join(root, "packages", "simulator", "src", "main.ts")
const fixture = join(root, "apps", "evals", "test", "projects", "sums")

/** A process that takes longer than this hangs; the slowest round takes seconds. */
const patienceMillis = 180_000
const picoCreditsPerCredit = 10n ** 12n

const main = async () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "50" },
      calls: { type: "string", default: "200" },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
      sabotage: { type: "boolean", default: false }
    }
  })
  if (!existsSync(program)) {
    console.error(`${program} is missing: build it first (pnpm build)`)
    return 2
  }
  const rounds = Number(values.rounds)
  const calls = Number(values.calls)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`kill -9 in the middle of ${calls} calls, ${rounds} rounds, --seed ${seed}\n`)
  console.log(columns.map(([title, width]) => title.padStart(width)).join("  "))

  const totals = { kills: 0, open: 0, held: 0, calls: 0, broken: 0 }
  for (let round = 1; round <= rounds; round++) {
    const row = await playRound({ round, calls, seed, keep: values.keep, sabotage: values.sabotage })
    totals.kills += row.kills
    totals.open += row.open
    totals.held += row.held
    totals.calls += row.calls
    if (row.violations.length > 0) totals.broken += 1
    console.log(columns.map(([title, width]) => String(row[title]).padStart(width)).join("  "))
    for (const violation of row.violations) console.log(`    VIOLATION  ${violation}`)
  }
  console.log(
    `\n${rounds - totals.broken} of ${rounds} rounds kept every promise: ${totals.kills} kills, ${totals.calls} calls, ` +
      `${totals.open} in flight when killed, ${totals.held} held at the end. Held against the account each time: settled + held ` +
      "covers the true charge, no call is sent again, no answered call is bought again, the budget is never passed, resume " +
      "finishes the rest."
  )
  return totals.broken === 0 ? 0 : 1
}

const columns = [
  ["round", 5],
  ["j", 3],
  ["ms", 4],
  ["faults", 6],
  ["budget", 8],
  ["killed at", 11],
  ["open", 5],
  ["kills", 5],
  ["resumes", 7],
  ["calls", 5],
  ["attempts", 8],
  ["charges", 7],
  ["settled", 7],
  ["held", 5],
  ["true charge", 14],
  ["settled + held", 14],
  ["exit", 4]
]

/** One run, killed and resumed until it has nothing left to do. */
const playRound = async ({ round, calls, seed, keep, sabotage }) => {
  const luck = makeLuck(seed + round * 7919)
  const concurrency = luck.pick([1, 2, 4, 8, 16, 32, 64])
  const latency = luck.between(5, 60)
  // A third of the budgets end before the run does; resume then gets a larger one.
  const budget = luck.between(1, 3) === 1 ? `0.0${luck.between(12, 60)}` : "2"
  const faults = luck.between(1, 2) === 1 ? {} : drawFaults(luck, 2 * calls)
  const killsWanted = luck.between(1, 3) === 1 ? 2 : 1

  const project = makeProject(calls)
  const simulator = await startSimulator(latency)
  const violations = []
  const row = { round, j: concurrency, ms: latency, faults: Object.keys(faults).length, budget, violations }
  const told = []
  try {
    await simulator.faults(faults)
    const flags = ["--provider", "simulator", "--base-url", simulator.url, "-j", String(concurrency)]
    const resumeFlags = ["--base-url", simulator.url, "-j", String(concurrency)]
    const kill = async (child, threshold, extraMillis) => {
      // It may end by itself before it gets so far.
      await Promise.race([child.ended, simulator.callsReach(threshold)])
      await Promise.race([child.ended, setTimeout(extraMillis)])
      child.kill()
      await child.ended
      await simulator.quiet()
    }

    let kills = 0
    let open = 0
    const killedAt = []
    let before = { calls: 0, sent: 0 }
    let limit = parse(budget)
    /** Holds the ledger against the account once nothing is running any more, neither here nor there. */
    const inspect = async (when, wasKilled) => {
      const account = await simulator.account()
      const ledger = readLedger(project)
      check(violations, when, { account, ledger, limit, before, wasKilled })
      before = { calls: account.calls, sent: ledger.sent }
      return { account, ledger }
    }

    const threshold = luck.between(1, calls - 1)
    await kill(
      startAssay(["run", ...flags, "--budget", budget, "--seed", String(round)], project, told),
      threshold,
      luck.between(0, 40)
    )
    kills += 1
    if (sabotage) forgetReservations(project)
    let { account, ledger } = await inspect("after the kill", true)
    open += ledger.open
    killedAt.push(account.calls)
    if (killsWanted === 2) {
      await kill(
        startAssay(["resume", ...resumeFlags], project, told),
        account.calls + luck.between(1, 30),
        luck.between(0, 40)
      )
      kills += 1
      ;({ account, ledger } = await inspect("after the second kill", true))
      open += ledger.open
      killedAt.push(account.calls)
    }

    let resumes = 0
    let exit
    do {
      const enough = exit === 5 ? ["--budget", "2"] : []
      if (enough.length > 0) limit = parse("2")
      const resumed = startAssay(["resume", ...resumeFlags, ...enough], project, told)
      exit = (await resumed.ended).exit
      await simulator.quiet()
      resumes += 1
      ;({ account, ledger } = await inspect(`after resume ${resumes}`, false))
    } while (exit === 5 && resumes < 4)

    // Whatever is not answered at the end is in doubt, and says so by its exit.
    if (exit !== (ledger.held === 0 ? 0 : 3)) violations.push(`the last resume exits ${exit} with ${ledger.held} held`)
    if (ledger.answeredKeys + ledger.held !== calls) {
      violations.push(
        `resume leaves ${calls - ledger.answeredKeys - ledger.held} of ${calls} calls neither answered nor held`
      )
    }
    return Object.assign(row, {
      "killed at": killedAt.join(", "),
      open,
      kills,
      resumes,
      calls: account.calls,
      attempts: ledger.attempts,
      charges: account.charges,
      settled: ledger.settledAttempts,
      held: ledger.held,
      "true charge": print(account.spent),
      "settled + held": print(ledger.settled + ledger.heldAmount),
      exit
    })
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error))
    for (const line of told.slice(-20)) violations.push(`the program said: ${line}`)
    return {
      ...Object.fromEntries(columns.map(([title]) => [title, "-"])),
      ...row,
      kills: 0,
      open: 0,
      held: 0,
      calls: 0
    }
  } finally {
    simulator.stop()
    if (keep) console.log(`    kept ${project}`)
    else rmSync(project, { recursive: true, force: true })
  }
}

/** The promises about money, each as one comparison. Amounts are pico-credits. */
const check = (violations, when, { account, ledger, limit, before, wasKilled }) => {
  const broken = (what) => violations.push(`${when}: ${what}`)
  const bound = ledger.settled + ledger.reserved + ledger.heldAmount
  if (bound < account.spent) broken(`settled + held ${print(bound)} < true charge ${print(account.spent)}`)
  if (bound > limit) broken(`settled + reserved + held ${print(bound)} > budget ${print(limit)}`)
  if (account.spent > limit) broken(`true charge ${print(account.spent)} > budget ${print(limit)}`)
  if (ledger.addedUp !== bound) broken(`the entries add up to ${print(ledger.addedUp)}, the totals to ${print(bound)}`)
  if (!wasKilled && ledger.open > 0) broken(`${ledger.open} reservations have no end`)

  // A call that was in flight when the process died may not have arrived; every other attempt is one call, and no call is more.
  const newCalls = account.calls - before.calls
  const newSent = ledger.sent - before.sent
  const least = wasKilled ? newSent - ledger.open : newSent
  if (newCalls > newSent) broken(`${newCalls} calls arrived for ${newSent} attempts`)
  if (newCalls < least) broken(`${newSent} attempts, but only ${newCalls} calls arrived`)

  if (ledger.boughtTwice > 0) broken(`${ledger.boughtTwice} calls have two attempts that were, or may be, charged`)
  if (ledger.answeredTwice > 0) broken(`${ledger.answeredTwice} answered calls were bought again`)
  if (account.charges > ledger.chargeable) broken(`${account.charges} charges for ${ledger.chargeable} attempts`)
}

/** What the database says, as a person would ask it. */
const readLedger = (project) => {
  const database = new DatabaseSync(join(project, ".assay", "results.db"), { readOnly: true })
  try {
    const ask = (sql) => {
      const statement = database.prepare(sql)
      statement.setReadBigInts(true)
      return Object.values(statement.get() ?? {})[0] ?? 0n
    }
    const count = (sql) => Number(ask(sql))
    const sum = (column) => ask(`SELECT coalesce(sum(${column}_pico_credits), 0) FROM budget`)
    return {
      attempts: count("SELECT count(*) FROM attempt"),
      // Released as NotSent: nothing left this machine.
      sent: count(
        `SELECT count(*) FROM attempt WHERE NOT EXISTS (
           SELECT 1 FROM ledger_entry WHERE attempt_id = attempt.id AND kind = 'release' AND class = 'NotSent')`
      ),
      open: count("SELECT count(*) FROM attempt WHERE state = 'reserved'"),
      held: count("SELECT count(*) FROM attempt WHERE state = 'held'"),
      chargeable: count("SELECT count(*) FROM attempt WHERE state <> 'released'"),
      settledAttempts: count("SELECT count(*) FROM attempt WHERE state = 'settled'"),
      answeredKeys: count("SELECT count(DISTINCT key) FROM attempt WHERE state = 'settled'"),
      boughtTwice: count(
        `SELECT count(*) FROM (
           SELECT 1 FROM attempt WHERE NOT EXISTS (
             SELECT 1 FROM ledger_entry WHERE attempt_id = attempt.id AND kind = 'release')
           GROUP BY key HAVING count(*) > 1)`
      ),
      answeredTwice: count(
        `SELECT count(*) FROM attempt AS first JOIN completion ON attempt_id = first.id
         JOIN attempt AS later ON later.key = first.key AND later.id > first.id`
      ),
      settled: sum("settled"),
      reserved: sum("reserved"),
      heldAmount: sum("held"),
      addedUp: ask(
        `SELECT coalesce(sum(settled_pico_credits + reserved_pico_credits + held_pico_credits), 0) FROM ledger_entry`
      )
    }
  } finally {
    database.close()
  }
}

/** What a ledger without reservations would know after the kill. */
const forgetReservations = (project) => {
  const database = new DatabaseSync(join(project, ".assay", "results.db"))
  database.exec(
    `DELETE FROM ledger_entry WHERE attempt_id IN (SELECT id FROM attempt WHERE state = 'reserved');
     DELETE FROM attempt WHERE state = 'reserved';
     UPDATE budget SET reserved_pico_credits = 0`
  )
  database.close()
}

/** A copy of the small test project, with so many calls: half as many samples, two prompts. */
const makeProject = (calls) => {
  const project = mkdtempSync(join(tmpdir(), "assay-crash-"))
  cpSync(fixture, project, { recursive: true })
  const suite = join(project, "evals", "sums")
  mkdirSync(suite, { recursive: true })
  const samples = Array.from({ length: calls / 2 }, (_, index) => {
    const target = index + 7
    return JSON.stringify({
      id: `sum-${String(index).padStart(4, "0")}`,
      input: { question: `What is ${index} + 7?` },
      target,
      difficulty: 0.4,
      simulation: { wrong: [target - 10, target + 1] }
    })
  })
  writeFileSync(join(suite, "samples.jsonl"), `${samples.join("\n")}\n`)
  return project
}

/** About one call in twenty meets one of these. */
const drawFaults = (luck, calls) => {
  const faults = [
    { _tag: "RateLimited", reset: "absent" },
    { _tag: "ServerError", format: "json" },
    { _tag: "Reset", charged: true },
    { _tag: "Reset", charged: false },
    { _tag: "BadGateway", status: 502, charged: true },
    { _tag: "TruncatedBody" },
    { _tag: "HeldReply", ms: 80 }
  ]
  return Object.fromEntries(
    Array.from({ length: calls }, (_, index) => [
      index,
      luck.between(1, 20) === 1 ? luck.pick(faults) : undefined
    ]).filter(([, fault]) => fault !== undefined)
  )
}

const startAssay = (args, project, told) => {
  const environment = { PATH: process.env.PATH ?? "", TZ: "UTC" }
  const child = spawn(process.execPath, [program, ...args], { cwd: project, env: environment })
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => told.push(line))
  child.stdin.end()
  const ended = new Promise((resolve, reject) => {
    const deadline = globalThis.setTimeout(() => {
      child.kill("SIGKILL")
      reject(new Error(`assay ${args[0]} hangs`))
    }, patienceMillis)
    child.once("error", reject)
    child.once("close", (exit, signal) => {
      clearTimeout(deadline)
      resolve({ exit, signal })
    })
  })
  // Whoever waits for it hears of a failure; until then it is nobody's.
  ended.catch(() => {})
  return { ended, kill: () => child.kill("SIGKILL") }
}

const startSimulator = async (latency) => {
  const flags = ["--with-parent", "--latency", String(latency), "--credits", "1000"]
  const child = spawn(process.execPath, [simulatorProgram, ...flags], { stdio: ["pipe", "pipe", "inherit"] })
  const [hello] = await new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the simulator ended")))
    createInterface({ input: child.stdout }).once("line", (line) => resolve([JSON.parse(line)]))
  })
  const ask = async (path, init = {}) => {
    const response = await fetch(`${hello.url}/simulator/${path}`, { ...init, headers: { "x-api-key": hello.apiKey } })
    if (!response.ok) throw new Error(`the simulator answers ${path} with ${response.status}`)
    return response.json()
  }
  const account = async () => {
    const { spent, reserved, charges, calls } = await ask("account")
    return { spent: parse(spent), reserved: parse(reserved), charges, calls }
  }
  const until = async (fits) => {
    for (let found = await account(); ; found = await account()) {
      if (fits(found)) return found
      await setTimeout(3)
    }
  }
  let stopped = false
  return {
    url: hello.url,
    account,
    faults: (faults) => ask("faults", { method: "POST", body: JSON.stringify(faults) }),
    callsReach: (threshold) => until(({ calls }) => stopped || calls >= threshold),
    /** What had arrived is charged, whether or not anybody still listens. */
    quiet: () => until(({ reserved }) => reserved === 0n),
    stop: () => {
      stopped = true
      child.kill()
    }
  }
}

/** A small generator (mulberry32), so that a printed seed gives the same draws. */
const makeLuck = (seed) => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low, high) => low + Math.floor(next() * (high - low + 1))
  return { between, pick: (list) => list[between(0, list.length - 1)] }
}

const parse = (decimal) => {
  const [whole, fraction = ""] = decimal.split(".")
  return BigInt(whole) * picoCreditsPerCredit + BigInt(fraction.padEnd(12, "0"))
}

const print = (amount) => {
  const digits = String(amount).padStart(13, "0")
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`
}

process.exitCode = await main()
