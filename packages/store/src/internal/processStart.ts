import { readFileSync } from "node:fs"

/**
 * When a process started, in clock ticks since boot, which tells it from a later one with the same pid.
 * `undefined` when there is no such process; `null` when it lives but the system does not say since when.
 */
export const processStart = (pid: number): number | null | undefined => {
  if (process.platform !== "linux") return isAlive(pid) ? null : undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The name in parentheses may hold spaces and parentheses; what follows the last one are plain fields from the 3rd on.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // A zombie has ended; only its parent has not looked yet.
    if (fields[0] === "Z" || fields[0] === "X") return undefined
    const start = Number(fields[22 - 3])
    return Number.isSafeInteger(start) ? start : null
  } catch {
    return isAlive(pid) ? null : undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
