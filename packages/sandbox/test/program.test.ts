import { expect, it } from "vitest"
import { createSandbox, runJavaScript, runTypeScript } from "../src/index.ts"

it("hands back what a program printed and the value of its last expression", async () => {
  const report = await runJavaScript("console.log('six', { by: [7] }); const x = 6; x * 7")
  expect(report).toMatchObject({ output: "six {by: [7]}\n", result: 42, outcome: { _tag: "Ran" } })
})

it("takes the default export of a module for its value", async () => {
  expect(await runJavaScript("export default { a: await Promise.resolve(1) }")).toMatchObject({ result: { a: 1 } })
})

it("runs promises and timers to their end, in the order they are due", async () => {
  const source = `
    setTimeout(() => console.log("late"), 1000)
    const id = setInterval(() => { console.log("again"); if (++count === 2) clearInterval(id) }, 400)
    let count = 0
    queueMicrotask(() => console.log("micro"))
    console.log("first")`
  expect((await runJavaScript(source)).output).toBe("first\nmicro\nagain\nagain\nlate\n")
})

it("strips types before a program enters, and says where they cannot be parsed", async () => {
  expect(await runTypeScript("const x: number = 2; interface A { a: 1 }; x as number")).toMatchObject({ result: 2 })
  expect((await runTypeScript("const x: = 2")).outcome).toMatchObject({ _tag: "LoadFailed" })
})

it("keeps what was printed before a program threw or ran out of time", async () => {
  const threw = await runJavaScript("console.log('before'); throw new Error('stop')")
  expect(threw).toMatchObject({ output: "before\n", outcome: { _tag: "Threw", message: "Error: stop" } })
  expect(threw).not.toHaveProperty("result")
  const hung = await runJavaScript("console.log('before'); for (;;) {}", { wallMs: 100 })
  expect(hung).toMatchObject({ output: "before\n", outcome: { _tag: "TimedOut", limitMs: 100 } })
})

it("ends every job as our failure once the sandbox is closed, also the one under way", async () => {
  const sandbox = createSandbox()
  const underWay = sandbox.runProgram({ language: "javascript", source: "for (;;) {}" })
  const waiting = sandbox.runProgram({ language: "javascript", source: "1" })
  await sandbox.close()
  const failed = { _tag: "SandboxFailed", message: "The sandbox was closed." }
  expect(await underWay).toMatchObject(failed)
  expect(await waiting).toMatchObject(failed)
  expect(await sandbox.runProgram({ language: "javascript", source: "1" })).toMatchObject(failed)
})

it("runs as many programs at a time as it has workers, and mixes up none of them", async () => {
  const sandbox = createSandbox({ workers: 2 })
  const numbers = Array.from({ length: 60 }, (_, index) => index)
  const outcomes = await Promise.all(
    numbers.map((index) =>
      sandbox.runProgram({ language: "javascript", source: `console.log(${index}); ${index} * 2` })
    )
  )
  await sandbox.close()
  expect(outcomes.map((outcome) => outcome._tag === "Ran" && outcome.result)).toEqual(numbers.map((index) => index * 2))
  expect(outcomes.map((outcome) => outcome.output)).toEqual(numbers.map((index) => `${index}\n`))
})
