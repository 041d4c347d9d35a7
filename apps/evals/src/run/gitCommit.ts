import { execFile } from "node:child_process"
import { Effect } from "effect"

/** The commit that a folder is at, with `+dirty` when files differ from it; undefined outside a repository. */
export const gitCommit = (folder: string): Effect.Effect<string | undefined> =>
  Effect.callback((resume) => {
    const child = execFile(
      "git",
      ["describe", "--always", "--dirty=+dirty", "--abbrev=10", "--exclude=*"],
      { cwd: folder, timeout: 2000 },
      (error, stdout) => resume(Effect.succeed(error === null ? stdout.trim() : undefined))
    )
    return Effect.sync(() => {
      child.kill()
    })
  })
