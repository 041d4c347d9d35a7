import { parseArgs } from "node:util"
import { parseCredits } from "./internal/decimal.ts"
import { type SimulatorOptions, startSimulator } from "./Simulator.ts"

/** The simulator in a process of its own: one JSON line says where it listens; SIGTERM and SIGINT stop it. */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    "api-key": { type: "string" },
    credits: { type: "string", default: "10" },
    latency: { type: "string", default: "0" },
    spread: { type: "string", default: "0.4" },
    "requests-per-minute": { type: "string" },
    strict: { type: "boolean", default: false },
    "with-parent": { type: "boolean", default: false }
  }
})

const numberOf = (flag: string, text: string): number => {
  const value = Number(text)
  if (!(Number.isFinite(value) && value >= 0))
    throw new Error(`--${flag} takes a number that is not negative, not ${text}`)
  return value
}

const optionsOf = (): SimulatorOptions => {
  const credits = parseCredits(values.credits)
  if (credits === undefined) throw new Error(`--credits takes a plain decimal, not ${values.credits}`)
  const perMinute = values["requests-per-minute"]
  return {
    port: numberOf("port", values.port),
    host: values.host,
    credits,
    strict: values.strict,
    latency: { medianMs: numberOf("latency", values.latency), spread: numberOf("spread", values.spread) },
    ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
    ...(perMinute === undefined ? {} : { requestsPerMinute: numberOf("requests-per-minute", perMinute) })
  }
}

const simulator = await startSimulator(optionsOf())
const stop = () => void simulator.close().then(() => process.exit(0))
process.once("SIGTERM", stop)
process.once("SIGINT", stop)
// A parent that is killed cannot send a signal any more, but its end of the pipe closes.
if (values["with-parent"]) process.stdin.once("close", stop).resume()
process.stdout.write(`${JSON.stringify({ url: simulator.url, apiKey: simulator.apiKey })}\n`)
