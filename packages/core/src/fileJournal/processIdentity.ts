import { readFileSync } from "node:fs"
import process from "node:process"

/** This process's id. */
export const ownPid: number = process.pid

/**
 * What tells a process from a later one with the same id: the boot and the clock tick at which it started. `undefined` when
 * there is no such process; `unknown` when it lives but the system does not say since when.
 */
export const processIdentity = (pid: number): string | undefined => {
  if (process.platform !== "linux") return isAlive(pid) ? unknownIdentity : undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The name in parentheses may hold spaces and parentheses; what follows the last one are plain fields from the 3rd on.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // A zombie has ended; only its parent has not looked yet.
    if (fields[0] === "Z" || fields[0] === "X") return undefined
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8)
    const start = fields[22 - 3]
    return start === undefined ? unknownIdentity : `${boot}-${start}`
  } catch {
    return isAlive(pid) ? unknownIdentity : undefined
  }
}

export const unknownIdentity = "unknown"

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
