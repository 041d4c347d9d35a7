#!/usr/bin/env node
import * as nodeModule from "node:module"
import process from "node:process"

// The first thing that runs, on whatever Node.js there is: an old one is told what is needed, not where it stumbled.
const [release = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (release > 22 || (release === 22 && minor >= 19)) {
  // Compiling the bundle takes longer than most verbs need for their work, so V8's result is kept between runs.
  nodeModule.enableCompileCache()
  await import("./main.ts")
} else {
  process.stderr.write(`error[E0109]: Assay needs Node.js 22.19 or newer; this is ${process.version}\n`)
  process.exitCode = 2
}
