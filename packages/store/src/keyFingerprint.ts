import { createHmac, randomBytes } from "node:crypto"
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Redacted } from "effect"
import { DatabaseRefused } from "./DatabaseRefused.ts"

const secretBytes = 32
const fingerprintBytes = 16

/**
 * Tells API keys apart without telling anything about them: 32 hex digits of an HMAC, whose secret is made at random in the
 * state folder, readable for its owner alone. Without that file nobody can try keys against a fingerprint.
 */
export const keyFingerprint = ({
  folder,
  key
}: {
  readonly folder: string
  readonly key: Redacted.Redacted<string>
}): Effect.Effect<string, DatabaseRefused> => {
  const file = join(folder, "fingerprint.key")
  return Effect.try({
    try: () => {
      const mac = createHmac("sha256", readSecret(folder, file)).update(Redacted.value(key)).digest()
      return mac.toString("hex", 0, fingerprintBytes)
    },
    catch: (cause) =>
      new DatabaseRefused({
        file,
        reason: "Failed",
        found: `The secret of key fingerprints, ${file}, cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
        fix: "See that the folder can be written. Should the file be spoilt, remove it: budgets of keys then begin anew."
      })
  })
}

const readSecret = (folder: string, file: string): Buffer => {
  const secret = readIfThere(file) ?? makeSecret(folder, file)
  if (secret.length !== secretBytes) throw new Error(`it has ${secret.length} bytes, not ${secretBytes}`)
  return secret
}

/** Makes the secret under another name first, so that nobody reads half of it; whoever comes first wins. */
const makeSecret = (folder: string, file: string): Buffer => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(8).toString("hex")}`
  writeFileSync(draft, randomBytes(secretBytes), { mode: 0o600, flag: "wx", flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file)
}

const readIfThere = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file)
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code
