import type { Clock } from "../Clock.ts"

/** Fixed windows of one minute for the one key there is; `undefined` admits everything. */
export class RateLimit {
  readonly #perMinute: number | undefined
  readonly #clock: Clock
  #window = -1
  #used = 0
  #reset = ""

  constructor(perMinute: number | undefined, clock: Clock) {
    this.#perMinute = perMinute
    this.#clock = clock
  }

  /** Counts one call against the current minute, and says whether it still fits. */
  admit(): boolean {
    this.#turn()
    return this.#perMinute === undefined || ++this.#used <= this.#perMinute
  }

  /** The end of the current minute, as `x-rate-limit-reset-at-utc` shows it. */
  resetAt(): string {
    this.#turn()
    return this.#reset
  }

  #turn(): void {
    const window = Math.floor(this.#clock.now() / 60_000)
    if (window === this.#window) return
    this.#window = window
    this.#used = 0
    this.#reset = new Date((window + 1) * 60_000).toISOString().replace(".000Z", "Z")
  }
}
