import { Effect, FileSystem } from "effect"
import { SuiteInvalid } from "../SuiteInvalid.ts"

/** The text of a suite's file, without its byte order mark. Faults name it by `shown`, as its author wrote it. */
export const readText = (file: string, names: { readonly shown: string; readonly suite: string }) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return (yield* files.readFileString(file)).replace(/^\uFEFF/, "")
  }).pipe(
    Effect.mapError((error) => {
      const reason =
        error.reason._tag === "NotFound" ? "the file does not exist" : `it cannot be read: ${error.message}`
      return new SuiteInvalid({ suite: names.suite, where: names.shown, reason, fix: undefined })
    })
  )
