import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { resetDelay } from "../../src/internal/resetDelay.ts"

const now = Date.UTC(2026, 10, 22, 12, 45, 30)

describe("resetDelay", () => {
  afterEach(() => void vi.unstubAllEnvs())

  it.each([
    ["2026-11-22T12:46:00Z"],
    ["2026-11-22T12:46:00.000Z"],
    ["2026-11-22T12:46:00.000000+00:00"],
    ["2026-11-22T13:46:00+01:00"],
    ["2026-11-22T12:46:00"],
    ["2026-11-22 12:46:00"],
    ["2026-11-22 12:46:00.000"],
    [" 2026-11-22T12:46:00Z "],
    [String(Date.UTC(2026, 10, 22, 12, 46) / 1000)],
    [`${Date.UTC(2026, 10, 22, 12, 46) / 1000}.0`],
    [String(Date.UTC(2026, 10, 22, 12, 46))],
    ["Sun, 22 Nov 2026 12:46:00 GMT"]
  ])("reads the reset time %j, in every time zone of this machine", (reset) => {
    const zones = [
      ["UTC", 0],
      ["America/New_York", 300],
      ["Asia/Kolkata", -330]
    ] as const
    for (const [zone, offsetMinutes] of zones) {
      vi.stubEnv("TZ", zone)
      assert.strictEqual(Date.parse("2026-11-22T12:45:30") - now, offsetMinutes * 60_000, "the zone is in force")
      assert.strictEqual(resetDelay({ "x-rate-limit-reset-at-utc": reset }, now), 30_000, zone)
    }
  })

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "Sun, 22 Nov 2026 12:45:37 GMT" }, 7000],
    [{ "retry-after-ms": "250" }, 250],
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "x-ratelimit-reset-requests": "20ms" }, 20],
    [{ "x-ratelimit-reset-requests": "1s" }, 1000],
    [{ "x-ratelimit-reset-requests": "1m30.5s" }, 90_500],
    [{ "retry-after": "120" }, 120_000]
  ])("reads %j", (headers, delay) => {
    assert.strictEqual(resetDelay(headers, now), delay)
  })

  it.each([
    [{}],
    [{ "retry-after": "" }],
    [{ "retry-after": "0" }],
    [{ "retry-after": "-5" }],
    [{ "retry-after": "NaN" }],
    [{ "retry-after": "soon" }],
    [{ "retry-after": "1, 2" }],
    [{ "retry-after": "120.001" }],
    [{ "retry-after": "86400" }],
    [{ "retry-after": "99999999999999999999999" }],
    [{ "retry-after": "Sun, 22 Nov 2026 12:45:00 GMT" }],
    [{ "retry-after": "Sun, 99 Nov 2026 12:46:00 GMT" }],
    [{ "x-rate-limit-reset-at-utc": "2026-11-22T12:45:30Z" }],
    [{ "x-rate-limit-reset-at-utc": "2026-11-22T12:00:00Z" }],
    [{ "x-rate-limit-reset-at-utc": "2026-11-23T12:46:00Z" }],
    [{ "x-rate-limit-reset-at-utc": "2026-99-99 99:99:99" }],
    [{ "x-rate-limit-reset-at-utc": "2026" }],
    [{ "x-rate-limit-reset-at-utc": "0" }],
    [{ "x-rate-limit-reset-at-utc": "tomorrow" }],
    [{ "x-ratelimit-reset-requests": "6m0s" }],
    [{ "x-ratelimit-reset-requests": "-1" }],
    [{ "x-ratelimit-reset-requests": "0" }],
    [{ "x-ratelimit-reset-requests": "1 fortnight" }]
  ])("does not believe %j", (headers) => {
    assert.isUndefined(resetDelay(headers, now))
  })

  it("takes the next wish when the first cannot be believed", () => {
    const headers = { "retry-after": "0", "x-rate-limit-reset-at-utc": "2026-11-22T12:46:00Z" }
    assert.strictEqual(resetDelay(headers, now), 30_000)
  })

  it("measures a reset time with the server's own clock when it tells it", () => {
    const headers = { date: "Sun, 22 Nov 2026 12:45:50 GMT", "x-rate-limit-reset-at-utc": "2026-11-22T12:46:00Z" }
    for (const wrong of [-86_400_000, -60_000, 0, 60_000, 86_400_000]) {
      assert.strictEqual(resetDelay(headers, now + wrong), 10_000)
    }
  })

  it("uses the clock here when the server's date is garbage", () => {
    for (const date of ["", "yesterday", "2026-99-99 00:00:00"]) {
      const headers = { date, "x-rate-limit-reset-at-utc": "2026-11-22T12:46:00Z" }
      assert.strictEqual(resetDelay(headers, now), 30_000)
    }
  })
})
