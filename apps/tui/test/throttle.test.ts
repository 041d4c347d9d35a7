import { expect, it } from "vitest"
import { makeThrottle } from "../src/throttle.ts"
import { FakeClock } from "./FakeClock.ts"

const make = () => {
  const clock = new FakeClock()
  const times: Array<number> = []
  const begin = clock.now()
  return { clock, times, throttle: makeThrottle(clock, () => times.push(clock.now() - begin)) }
}

it("shows the first news at once and later ones 20 times a second", () => {
  const { clock, times, throttle } = make()
  for (let millis = 0; millis < 1000; millis += 1) {
    throttle.request()
    clock.move(1)
  }
  expect(times).toEqual(Array.from({ length: 21 }, (_, index) => index * 50).slice(0, times.length))
  expect(times.length).toBeGreaterThanOrEqual(20)
})

it("loses no news: the last is shown within 50 ms", () => {
  const { clock, times, throttle } = make()
  throttle.request()
  clock.move(10)
  throttle.request()
  clock.move(39)
  expect(times).toEqual([0])
  clock.move(1)
  expect(times).toEqual([0, 50])
})

it("ticks once a second without news, from the first on", () => {
  const { clock, times, throttle } = make()
  clock.move(5000)
  expect(times).toEqual([])
  throttle.request()
  clock.move(3000)
  expect(times).toEqual([5000, 6000, 7000, 8000])
})

it("is silent when stopped", () => {
  const { clock, times, throttle } = make()
  throttle.request()
  throttle.request()
  throttle.stop()
  throttle.request()
  clock.move(5000)
  expect(times).toEqual([0])
  expect(clock.pending).toBe(0)
})
