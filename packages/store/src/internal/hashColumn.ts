const hexOfSixteenBytes = /^[0-9a-f]{32}$/

/** A hash as it is stored: 128 bits of lower-case hex as 16 bytes, any other text as it is. */
export const toHashColumn = (hash: string): Buffer | string =>
  hexOfSixteenBytes.test(hash) ? Buffer.from(hash, "hex") : hash

export const fromHashColumn = (stored: Buffer | string): string =>
  typeof stored === "string" ? stored : stored.toString("hex")
