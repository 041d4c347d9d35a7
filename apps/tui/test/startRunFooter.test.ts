import { Console } from "node:console"
import { EventEmitter, once } from "node:events"
import { stripVTControlCharacters } from "node:util"
import type { RunEvent } from "@assay/harness"
import { Effect, Console as EffectConsole } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { startRunFooter } from "../src/index.ts"
import { plainStyle } from "../src/text.ts"
import { FakeClock } from "./FakeClock.ts"
import { runEvents, withEnd } from "./fixtures.ts"

/** A terminal that remembers what was written to it, and says when. */
class FakeStdout extends EventEmitter {
  isTTY = true
  readonly columns = 80
  readonly rows = 24
  readonly writable = true
  written = ""
  write(chunk: string, done?: () => void): boolean {
    this.written += chunk
    if (typeof done === "function") done()
    this.emit("written")
    return true
  }
}

/** A keyboard, which says when somebody listens to single keys. */
class FakeStdin extends EventEmitter {
  isTTY = true
  isRaw = false
  private waiting: string | null = null
  setRawMode(isRaw: boolean) {
    this.isRaw = isRaw
    if (isRaw) this.emit("raw")
    return this
  }
  press(keys: string) {
    this.waiting = keys
    this.emit("readable")
  }
  read() {
    const keys = this.waiting
    this.waiting = null
    return keys
  }
  setEncoding() {}
  ref() {}
  unref() {}
  resume() {}
  pause() {}
}

const start = ({ isTTY = true, ...callbacks }: Callbacks = {}) => {
  const stdout = new FakeStdout()
  const stdin = new FakeStdin()
  const clock = new FakeClock()
  stdin.isTTY = isTTY
  const footer = startRunFooter({
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    style: plainStyle,
    onInterrupt: () => {},
    clock,
    ...callbacks
  })
  return { stdout, stdin, clock, footer }
}

interface Callbacks {
  readonly isTTY?: boolean
  readonly onInterrupt?: () => void
  readonly onSuspend?: () => Promise<void>
}

const linesOf = ({ written }: FakeStdout) => stripVTControlCharacters(written).split("\n")
const isFailure = (line: string) => /^(✖ failed|! unscored) /.test(line)
const failuresAmong = (events: ReadonlyArray<RunEvent>) =>
  events.filter((event) => event._tag === "TrialEnded" && event.outcome !== "passed")

// Vitest's console lacks the constructor that Ink makes its own from, which Node's has.
beforeAll(() => {
  Object.assign(console, { Console })
})

describe("startRunFooter", () => {
  it("prints every failure and notice once, in order, however the events come", async () => {
    const { stdout, stdin, clock, footer } = start()
    const events = withEnd(runEvents({ trials: 600 }))
    for (const [index, event] of events.entries()) {
      if (index === 100 && !stdin.isRaw) await once(stdin, "raw")
      footer.update(event)
      if (index % 200 === 20)
        footer.update({ _tag: "RunNoticed", seq: 9000 + index, at: event.at, notice: `note ${index}` })
      clock.move(7)
      if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await footer.finish()
    const printed = linesOf(stdout).filter(isFailure)
    const names = printed.map((line) => line.split(/ {2,}/).slice(0, 3).join(" "))
    expect(printed).toHaveLength(failuresAmong(events).length)
    expect(new Set(names).size).toBe(printed.length)
    expect(names.map((name) => /\/(\d+)/.exec(name)?.[1])).toEqual(
      failuresAmong(events).map((event) => event._tag === "TrialEnded" && event.sampleId)
    )
    for (const index of [20, 220, 420]) {
      expect(linesOf(stdout).filter((line) => line === `· note      note ${index}`)).toHaveLength(1)
    }
  })

  it("draws the footer below them, with the word SIMULATED", async () => {
    const { stdout, stdin, footer } = start()
    for (const event of runEvents({ trials: 300 })) footer.update(event)
    await once(stdin, "raw")
    expect(linesOf(stdout).join("\n")).toMatch(/\ndone .* 300\/2000 .* SIMULATED\npass .* n 298 .*\nspend .*\n/)
    await footer.finish()
  })

  it("prints what is owed even when the run ends before Ink has loaded", async () => {
    const { stdout, footer } = start()
    const events = withEnd(runEvents({ trials: 100 }))
    for (const event of events) footer.update(event)
    await footer.finish()
    expect(linesOf(stdout).filter(isFailure)).toHaveLength(failuresAmong(events).length)
  })

  it("gives the terminal back: keys cooked, cursor shown, footer gone, no timer left", async () => {
    const { stdout, stdin, clock, footer } = start()
    for (const event of runEvents({ trials: 30 })) footer.update(event)
    await once(stdin, "raw")
    await footer.finish()
    expect(stdin.isRaw).toBe(false)
    expect(clock.pending).toBe(0)
    // The last thing that is drawn is nothing: the frame's lines are erased and not written again.
    const afterLastFrame = stdout.written.slice(stdout.written.lastIndexOf("spend"))
    expect(afterLastFrame.split("\u001b[2K").length - 1).toBeGreaterThanOrEqual(3)
    expect(stdout.written.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.written.lastIndexOf("\u001b[?25l"))
  })

  it("never enters the other screen and never clears this one", async () => {
    const { stdout, stdin, footer } = start()
    for (const event of runEvents({ trials: 300 })) footer.update(event)
    await once(stdin, "raw")
    await footer.finish()
    for (const sequence of ["?1049h", "[2J", "[3J", "\u001bc"]) expect(stdout.written).not.toContain(sequence)
  })

  it("reports each Ctrl-C, also two that come as one text, and goes on", async () => {
    let interrupts = 0
    const { stdin, footer } = start({ onInterrupt: () => (interrupts += 1) })
    await once(stdin, "raw")
    stdin.press("\u0003")
    expect(interrupts).toBe(1)
    stdin.press("\u0003\u0003")
    expect(interrupts).toBe(3)
    stdin.press("cjq")
    expect(interrupts).toBe(3)
    expect(stdin.isRaw).toBe(true)
    await footer.finish()
  })

  it("lends the terminal on Ctrl-Z and takes it back", async () => {
    const lent: Array<boolean> = []
    const { stdin, footer } = start({ onSuspend: async () => void lent.push(stdin.isRaw) })
    await once(stdin, "raw")
    const back = once(stdin, "raw")
    stdin.press("\u001a")
    await back
    expect(lent).toEqual([false])
    await footer.finish()
  })

  it("puts what other code logs above the footer, whole", async () => {
    const { stdout, stdin, footer } = start()
    for (const event of runEvents({ trials: 5 })) footer.update(event)
    await once(stdin, "raw")
    Effect.runSync(EffectConsole.log("a line of another module"))
    await footer.finish()
    expect(linesOf(stdout)).toContain("a line of another module")
  })

  it("refuses to start without a terminal", () => {
    expect(() => start({ isTTY: false })).toThrow("needs a terminal")
  })
})
