import { closeSync, openSync, readdirSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { basename, dirname, join } from "node:path"
import { refuseInUse } from "./FileJournalRefused.ts"
import { ownPid, processIdentity, unknownIdentity } from "./processIdentity.ts"

/** How often a claim is renewed; what tells a living process on another host from a dead one. */
export const claimRenewal = "15 seconds"
const leaseMillis = 120_000

/** A file that one process has for itself. */
export interface Claim {
  readonly renew: (now: number) => void
  readonly release: () => void
}

const claimedHere = new Set<string>()

/**
 * Claims a file for this process until `release`, or throws who has it. Each process has a claim file with its own name, which
 * nobody else ever makes, so one that a dead process left can be removed without a race. Whoever makes its claim looks for
 * others afterwards: of two that come at the same moment at least one sees the other and goes, perhaps both.
 */
export const claimFile = (file: string, now: number): Claim => {
  const folder = realpathSync(dirname(file))
  const name = basename(file)
  const target = join(folder, name)
  const own = join(folder, `${name}.${ownPid}.${processIdentity(ownPid) ?? unknownIdentity}.${host}.claim`)
  if (claimedHere.has(target)) throw refuseInUse(file, "this very process", own)
  claimedHere.add(target)
  // One of the same name was left by a dead process where nobody knows when processes start.
  rmSync(own, { force: true })
  const release = () => {
    claimedHere.delete(target)
    rmSync(own, { force: true })
  }
  try {
    closeSync(openSync(own, "wx", 0o600))
    writeFileSync(own, `Process ${ownPid} on ${host} has ${name} open.\n`)
    for (const other of readdirSync(folder)) {
      const owner = ownerOf(other, name)
      if (owner === undefined || join(folder, other) === own) continue
      const claim = join(folder, other)
      if (isLiving(owner, claim, now)) throw refuseInUse(file, describe(owner), claim)
      rmSync(claim, { force: true })
    }
  } catch (error) {
    release()
    throw error
  }
  return { renew: (time) => utimesSync(own, time / 1000, time / 1000), release }
}

interface Owner {
  readonly pid: number
  readonly identity: string
  readonly host: string
}

const ownerOf = (entry: string, name: string): Owner | undefined => {
  if (!entry.startsWith(`${name}.`)) return undefined
  const [, pid = "", identity = "", ownerHost = ""] =
    /^(\d+)\.([0-9a-z-]+)\.([^.]+)\.claim$/.exec(entry.slice(name.length + 1)) ?? []
  return pid === "" ? undefined : { pid: Number(pid), identity, host: ownerHost }
}

const isLiving = ({ pid, identity, host: ownerHost }: Owner, claim: string, now: number): boolean => {
  if (ownerHost !== host) {
    const renewed = statSync(claim, { throwIfNoEntry: false })?.mtimeMs
    return renewed !== undefined && now - renewed < leaseMillis
  }
  const found = processIdentity(pid)
  return found !== undefined && (found === identity || found === unknownIdentity || identity === unknownIdentity)
}

const describe = (owner: Owner): string =>
  owner.host === host ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`

const host = hostname().replace(/[^0-9A-Za-z-]/g, "_") || "host"
