import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from "quickjs-emscripten-core"
import type { Limits } from "../Limits.ts"
import type { Interpreter } from "./Interpreter.ts"
import type { CallEnding, HostEnding } from "./protocol.ts"

// Between two batches of promise jobs the host looks at the clock itself, as a job may be too short to be interrupted.
const promiseJobsPerBatch = 1000
// Fetching what was printed by a program that was stopped runs our own code only, so a short reprieve is safe.
const reprieveMs = 100

/** Ends a job from within: thrown by the guest's methods, turned into an ending by `attempt`. */
class JobEnded extends Error {
  readonly ending: HostEnding
  constructor(ending: HostEnding) {
    super(ending._tag)
    this.ending = ending
  }
}

/** A program inside its interpreter, seen from the host. Only strings and opaque handles cross; nothing is ever dumped. */
export class Guest {
  readonly #context: QuickJSContext
  readonly #runtime: QuickJSRuntime
  readonly #prelude: QuickJSHandle
  readonly #limits: Limits
  #deadline: number
  #interrupted = false
  #broken = false
  #returnedBytes = 0

  constructor(interpreter: Interpreter, limits: Limits) {
    const { context, runtime, prelude } = interpreter
    this.#context = context
    this.#runtime = runtime
    this.#limits = limits
    this.#deadline = performance.now() + limits.wallMs
    interpreter.shouldStop = () => {
      this.#interrupted ||= performance.now() > this.#deadline
      return this.#interrupted
    }
    const limit = context.newNumber(limits.outputBytes)
    this.#prelude = context.unwrapResult(context.callFunction(prelude, context.undefined, limit))
  }

  /** Whether the interpreter never trapped in this job. */
  get isSound(): boolean {
    return !this.#broken
  }

  /** Runs the steps of a job; says how it ended and what was printed until then. Too much output outweighs any other end. */
  attempt(steps: () => HostEnding): { readonly ending: HostEnding; readonly printed: string } {
    const ending = this.#endingOf(steps)
    if (this.#broken) return { ending, printed: "" }
    this.#interrupted = false
    this.#deadline = performance.now() + reprieveMs
    try {
      const printed = this.#context.getString(this.#ask("printed"))
      const bytes = this.#returnedBytes + Buffer.byteLength(printed)
      const isTooLarge = this.#hasOverflowed() || bytes > this.#limits.outputBytes
      return { ending: isTooLarge ? { _tag: "OutputTooLarge" } : ending, printed: isTooLarge ? "" : printed }
    } catch {
      // A trap may have left the stack pointer anywhere, so this instance must not be kept.
      this.#broken = true
      return { ending, printed: "" }
    }
  }

  /** Evaluates the source and finds its function: a top-level declaration, an export, or a property of the global object. */
  load(source: string, entry: string): QuickJSHandle {
    const exported = this.#evaluate(source, entry)
    if ("error" in exported) throw new JobEnded({ _tag: "LoadFailed", message: exported.error })
    const name = this.#context.newString(entry)
    const isName = identifier.test(entry)
    const candidates = [
      () => (exported.isModule ? this.#ask("member", exported.value, this.#context.newString(entryAlias)) : undefined),
      () => (exported.isModule ? this.#ask("functionOf", exported.value, name) : undefined),
      () => (isName ? this.#lookUp(entry) : undefined),
      () => this.#ask("commonExport", name)
    ]
    for (const candidate of candidates) {
      const found = candidate()
      if (found !== undefined && this.#context.typeof(found) === "function") return found
    }
    throw new JobEnded({ _tag: "LoadFailed", message: `The program has no function named ${entry}.` })
  }

  /** Calls the function with arguments made anew from their JSON text, and waits for a promise it may give back. */
  call(entry: QuickJSHandle, argumentText: string): CallEnding {
    return this.#guarded(() => {
      const result = this.#context.callFunction(
        this.#method("call"),
        this.#context.undefined,
        entry,
        this.#context.newString(argumentText)
      )
      return result.error === undefined ? this.#settle(result.value) : { error: this.#describe(result.error) }
    })
  }

  /** Runs the source to its end, timers included; its value is the default export or the last expression. */
  runProgram(source: string): CallEnding {
    return this.#guarded(() => {
      const evaluated = this.#evaluate(source)
      if ("error" in evaluated) return evaluated
      const value = evaluated.isModule
        ? this.#ask("member", evaluated.value, this.#context.newString("default"))
        : evaluated.value
      const settled = this.#settle(value)
      const drained = this.#drain()
      return drained === undefined ? settled : { error: drained }
    })
  }

  #endingOf(steps: () => HostEnding): HostEnding {
    try {
      return steps()
    } catch (problem) {
      if (problem instanceof JobEnded) return problem.ending
      return { _tag: "LoadFailed", message: this.#crashed(problem) }
    }
  }

  // A trap in WebAssembly, or the end of V8's stack, is the program's doing: it fails, and this interpreter is not used again.
  #guarded(step: () => { error: string } | { value: QuickJSHandle }): CallEnding {
    if (this.#broken) return { error: "Not run: the interpreter had crashed before." }
    try {
      this.#checkClock()
      return this.#close(step())
    } catch (problem) {
      if (problem instanceof JobEnded) throw problem
      return { error: this.#crashed(problem) }
    }
  }

  #crashed(problem: unknown): string {
    this.#broken = true
    return problem instanceof RangeError
      ? "The program nested too deeply and crashed the interpreter."
      : `The program crashed the interpreter: ${String(problem).slice(0, 200)}`
  }

  // Most answers are scripts; `export`, `import` and a top-level await show as a syntax error before anything has run.
  // A module that does not export its function is made to: compiling tells whether it declares one of that name.
  #evaluate(source: string, entry?: string): { error: string } | { value: QuickJSHandle; isModule: boolean } {
    const isModule = !this.#compiles(source, "global")
    const exporting = `${source}\nexport { ${entry} as ${entryAlias} }`
    const isExported = isModule && entry !== undefined && identifier.test(entry) && this.#compiles(exporting, "module")
    const text = isExported ? exporting : source
    this.#checkClock()
    const result = this.#context.evalCode(text, "program.js", { type: isModule ? "module" : "global" })
    if (result.error !== undefined) return { error: this.#describe(result.error) }
    if (!isModule) return { value: result.value, isModule }
    const settled = this.#settle(result.value)
    return "error" in settled ? settled : { value: settled.value, isModule }
  }

  #compiles(source: string, type: "global" | "module"): boolean {
    return this.#context.evalCode(source, "program.js", { type, compileOnly: true }).error === undefined
  }

  #lookUp(name: string): QuickJSHandle | undefined {
    const result = this.#context.evalCode(`typeof ${name} === "function" ? ${name} : undefined`, "look-up.js")
    return result.error === undefined ? result.value : undefined
  }

  #settle(handle: QuickJSHandle): { error: string } | { value: QuickJSHandle } {
    for (;;) {
      const state = this.#context.getPromiseState(handle)
      if (state.type === "fulfilled") return { value: state.value }
      if (state.type === "rejected") return { error: this.#describe(state.error) }
      const step = this.#step()
      if (step === "idle") return { error: "The promise never settles." }
      if (step !== "busy") return step
    }
  }

  #drain(): string | undefined {
    for (;;) {
      const step = this.#step()
      if (step === "idle") return undefined
      if (step !== "busy") return step.error
    }
  }

  #step(): "busy" | "idle" | { error: string } {
    this.#checkClock()
    if (this.#runtime.hasPendingJob()) {
      const result = this.#runtime.executePendingJobs(promiseJobsPerBatch)
      return result.error === undefined ? "busy" : { error: this.#describe(result.error) }
    }
    const timer = this.#context.callFunction(this.#method("runTimer"), this.#context.undefined)
    if (timer.error !== undefined) return { error: this.#describe(timer.error) }
    return this.#context.sameValue(timer.value, this.#context.true) ? "busy" : "idle"
  }

  #close(settled: { error: string } | { value: QuickJSHandle }): CallEnding {
    const ending =
      "error" in settled ? settled : { value: this.#context.getString(this.#ask("encoded", settled.value)) }
    this.#checkClock()
    if (this.#hasOverflowed()) throw new JobEnded({ _tag: "OutputTooLarge" })
    this.#returnedBytes += Buffer.byteLength("error" in ending ? ending.error : ending.value)
    if (this.#returnedBytes > this.#limits.outputBytes) throw new JobEnded({ _tag: "OutputTooLarge" })
    return ending
  }

  #hasOverflowed(): boolean {
    return this.#context.sameValue(this.#ask("hasOverflowed"), this.#context.true)
  }

  // Words for what a program threw. Running out of time or memory ends the whole job instead.
  #describe(thrown: QuickJSHandle): string {
    this.#checkClock()
    const result = this.#context.callFunction(this.#method("describe"), this.#context.undefined, thrown)
    if (result.error !== undefined) {
      this.#checkClock()
      return "a value that cannot be read"
    }
    const words = this.#context.getString(result.value)
    if (words === "InternalError: out of memory") throw new JobEnded({ _tag: "OutOfMemory" })
    return words
  }

  #checkClock(): void {
    if (this.#interrupted || performance.now() > this.#deadline) throw new JobEnded({ _tag: "TimedOut" })
  }

  #ask(name: string, ...values: ReadonlyArray<QuickJSHandle>): QuickJSHandle {
    const result = this.#context.callFunction(this.#method(name), this.#context.undefined, ...values)
    if (result.error === undefined) return result.value
    this.#describe(result.error)
    throw new Error(`The prelude failed in ${name}.`)
  }

  #method(name: string): QuickJSHandle {
    return this.#context.getProp(this.#prelude, name)
  }
}

// A name that no program exports by chance.
const entryAlias = "assayFunctionUnderTest"
// The name is put into a line of code, so it must be nothing but a name.
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u
