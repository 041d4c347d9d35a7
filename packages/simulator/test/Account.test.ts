import { once } from "node:events"
import { connect } from "node:net"
import { expect, it } from "vitest"
import { ask, completionOf, header, hello, manualClock, pico, start } from "./support.ts"

it("drops by exactly the sum of x-cost over many calls at once, each of them tokens times price", async () => {
  const simulator = await start({ credits: pico("3.000000000007") })
  const answered = await Promise.all(
    Array.from({ length: 200 }, (_, seed) =>
      ask(simulator, {
        path: seed % 2 === 0 ? "/v1/o3-mini" : "/v1/gpt-5-mini",
        body: { ...hello, seed, reasoning_effort: "low", max_completion_tokens: 900 }
      })
    )
  )
  const costs = answered.map((one, seed) => {
    const { usage } = completionOf(one)
    const [input, output] = seed % 2 === 0 ? [1_100_000n, 4_400_000n] : [250_000n, 2_000_000n]
    const cost = pico(header(one, "x-cost"))
    expect(cost).toBe(BigInt(usage.prompt_tokens) * input + BigInt(usage.completion_tokens) * output)
    return cost
  })
  const sum = costs.reduce((total, cost) => total + cost, 0n)
  expect(simulator.account).toMatchObject({
    spent: sum,
    charges: 200,
    reserved: 0n,
    balance: pico("3.000000000007") - sum
  })
  const balances = answered.map((one) => pico(header(one, "x-remaining-credits")))
  expect(balances.toSorted((left, right) => (left < right ? -1 : 1))[0]).toBe(simulator.account.balance)
})

it("refuses a call that only fits when running jobs are forgotten, and shows none of them in the balance", async () => {
  const clock = manualClock()
  // Each call sets 0.0044099 aside: two fit into 0.01, a third does not.
  const simulator = await start({ credits: pico("0.01"), latency: { medianMs: 1000, spread: 0 }, clock })
  const body = { ...hello, max_completion_tokens: 1000 }
  const running = [ask(simulator, { body }), ask(simulator, { body })]
  await clock.scheduled(2)
  const third = await ask(simulator, { body })
  expect(third.status).toBe(406)
  expect(third.text).toContain("Balance: 0.01,")
  clock.advance(10_000)
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
})

it("charges a job whose client has left", async () => {
  const clock = manualClock()
  const simulator = await start({ latency: { medianMs: 1000, spread: 0 }, clock })
  const { hostname, port } = new URL(simulator.url)
  const socket = connect(Number(port), hostname)
  const body = JSON.stringify(hello)
  socket.write(
    `POST /v1/o3-mini HTTP/1.1\r\nhost: x\r\nx-api-key: ${simulator.apiKey}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`
  )
  await clock.scheduled(1)
  socket.destroy()
  await once(socket, "close")
  expect(simulator.account.charges).toBe(0)
  clock.advance(10_000)
  expect(simulator.account.charges).toBe(1)
})

it("never charges for a body that did not arrive whole", async () => {
  const simulator = await start()
  const { hostname, port } = new URL(simulator.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /v1/o3-mini HTTP/1.1\r\nhost: x\r\nx-api-key: ${simulator.apiKey}\r\ncontent-type: application/json\r\n` +
      `content-length: 500\r\n\r\n${JSON.stringify(hello)}`
  )
  socket.end()
  socket.resume()
  await once(socket, "close")
  expect(simulator).toMatchObject({ calls: 0, account: { charges: 0 } })
})

it("drops running jobs uncharged when the simulator closes", async () => {
  const clock = manualClock()
  const simulator = await start({ latency: { medianMs: 1000, spread: 0 }, clock })
  const broken = expect(ask(simulator)).rejects.toThrow()
  await clock.scheduled(1)
  await simulator.close()
  await broken
  clock.advance(10_000)
  expect(simulator.account.charges).toBe(0)
})

it("moves by top-ups and foreign spend without counting them as its own", async () => {
  const { account } = await start({ credits: pico("1") })
  account.topUp(pico("0.5"))
  account.spendElsewhere(pico("0.25"))
  expect(account).toMatchObject({ balance: pico("1.25"), spent: 0n, charges: 0 })
})
