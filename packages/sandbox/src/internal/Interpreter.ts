import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import variantModule from "@jitl/quickjs-wasmfile-release-sync"
import {
  type EmscriptenModuleLoaderOptions,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant
} from "quickjs-emscripten-core"
import { guestPrelude } from "./guestPrelude.ts"

// Node has WebAssembly, but the types of it come only with those of a browser.
const { Memory, Module } = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Memory: new (pages: {
        readonly initial: number
        readonly maximum: number
      }) => { readonly buffer: ArrayBuffer }
      readonly Module: new (bytes: Uint8Array) => object
    }
  }
).WebAssembly

const pageBytes = 64 * 1024
// What the QuickJS build asks for before any program runs: its own data, stack and heap.
const interpreterPages = 256
// Some 7,500 calls deep. V8's own stack (hostProcess.ts) is larger, so that plain recursion ends as an error the program
// can catch; deeply nested parsing may still meet V8's end first, which breaks the interpreter and costs only its job.
const guestStackBytes = 1536 * 1024
// An instance is cheap enough to be replaced now and then, in case something should hide outside its memory after all.
const maximumUses = 500

const compiled = new Module(
  readFileSync(fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm")))
)
const variant = variantModule as unknown as QuickJSSyncVariant
// What the C runtime would write on our stdout and stderr.
const quiet = { print: () => {}, printErr: () => {} } as EmscriptenModuleLoaderOptions

/** One QuickJS in one WebAssembly instance, in the state it had before any program, for one job at a time. */
export interface Interpreter {
  readonly context: QuickJSContext
  readonly runtime: QuickJSRuntime
  /** The evaluated prelude: a function of the output limit that gives the closures. */
  readonly prelude: QuickJSHandle
  /** Called by QuickJS every few thousand steps; true stops the program so that it cannot catch it. */
  shouldStop: () => boolean
}

/** Takes the interpreter for a job. Give it back with `retire` only when the job ended in good order. */
export const takeInterpreter = async (memoryBytes: number): Promise<Interpreter> => {
  const spare = kept
  kept = undefined
  if (spare?.memoryBytes !== memoryBytes) return (await makeKeepable(memoryBytes)).interpreter
  restore(spare)
  return spare.interpreter
}

/** Keeps an interpreter for the next job; one that has grown, is worn or was not the last one made is forgotten instead. */
export const retireInterpreter = (interpreter: Interpreter): void => {
  const candidate = made
  if (candidate?.interpreter !== interpreter || candidate.memory.buffer.byteLength !== candidate.byteLength) return
  candidate.uses += 1
  if (candidate.uses < maximumUses) kept = candidate
}

interface Keepable {
  readonly interpreter: Interpreter
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly memoryBytes: number
  readonly byteLength: number
  /** The memory before any program, up to its last byte that is not zero. */
  readonly image: Uint8Array
  uses: number
}

let made: Keepable | undefined
let kept: Keepable | undefined

// The whole state of an instance is its linear memory, as its functions have all returned: writing the first state over it
// leaves nothing of the last program, at a third of the price of a new instance. An interpreter is never disposed: disposing
// a runtime that a program has damaged aborts the module.
const restore = ({ memory, image }: Keepable): void => {
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(image)
  bytes.fill(0, image.length)
}

// Memory has two bounds, as `memoryLimitBytes` bounds only what QuickJS counts: V8 refuses to grow the memory past its maximum.
const makeKeepable = async (memoryBytes: number): Promise<Keepable> => {
  const memory = new Memory({
    initial: interpreterPages,
    maximum: interpreterPages + Math.ceil(memoryBytes / pageBytes)
  })
  const engine = await newQuickJSWASMModuleFromVariant(
    newVariant(variant, {
      wasmModule: () => Promise.resolve(compiled),
      wasmMemory: () => Promise.resolve(memory),
      emscriptenModule: quiet
    })
  )
  const runtime = engine.newRuntime({ memoryLimitBytes: memoryBytes, maxStackSizeBytes: guestStackBytes })
  const context = runtime.newContext()
  const prelude = context.unwrapResult(context.evalCode(guestPrelude, "prelude.js"))
  const interpreter: Interpreter = { context, runtime, prelude, shouldStop: () => false }
  runtime.setInterruptHandler(() => interpreter.shouldStop())
  const bytes = new Uint8Array(memory.buffer)
  made = {
    interpreter,
    memory,
    memoryBytes,
    byteLength: bytes.byteLength,
    image: bytes.slice(0, usedLength(memory.buffer)),
    uses: 0
  }
  return made
}

// By words, as there are millions of zeros to pass over at the end.
const usedLength = (buffer: ArrayBuffer): number => {
  const words = new Int32Array(buffer)
  let length = words.length
  while (length > 0 && words[length - 1] === 0) length -= 1
  return length * words.BYTES_PER_ELEMENT
}
