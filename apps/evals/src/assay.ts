import { enableCompileCache } from "node:module"

// Compiling the bundle takes longer than most verbs need for their work, so V8's result is kept between runs.
enableCompileCache()
await import("./main.ts")
