import { Context } from "effect"

/**
 * What the transport has seen of one request, written while it happens: nanoseconds of the fiber's `Clock`, or
 * undefined for what has not happened. An interrupted request leaves no error to read, so this is how its caller
 * learns that it never left: `sentAt` is undefined.
 */
export interface RequestProgress {
  /** Whether a transport fills this in: of another client an undefined `sentAt` says nothing. */
  tracked: boolean
  /** When the request was given to a connected socket. From here on it may be charged. */
  sentAt: bigint | undefined
  /** When the first byte of the reply arrived. */
  firstByteAt: bigint | undefined
}

export const freshProgress = (): RequestProgress => ({ tracked: false, sentAt: undefined, firstByteAt: undefined })

/**
 * Provide a fresh one around `execute` to have it filled in. Absent by default, and then it costs nothing.
 */
export const CurrentProgress = Context.Reference<RequestProgress | undefined>("@assay/core/RequestProgress", {
  defaultValue: () => undefined
})
