import type { FooterClock } from "../src/index.ts"
import { startedAt } from "./fixtures.ts"

/** A clock that stands still until it is moved. */
export class FakeClock implements FooterClock {
  private time = startedAt
  private timers: Array<{ readonly at: number; readonly callback: () => void }> = []
  readonly now = () => this.time
  readonly after = (millis: number, callback: () => void) => {
    const timer = { at: this.time + millis, callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((one) => one !== timer)
    }
  }
  move(millis: number) {
    const end = this.time + millis
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((one) => one !== next)
      this.time = next.at
      next.callback()
    }
    this.time = end
  }
  get pending() {
    return this.timers.length
  }
}
