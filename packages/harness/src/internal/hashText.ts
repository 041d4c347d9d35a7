import { createHash } from "node:crypto"

/** 32 hex digits (128 bits of SHA-256): enough that no two texts of a store meet. */
export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32)
