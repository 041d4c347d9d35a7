import { Context } from "effect"

/**
 * What the transport has seen of one request, written while it happens: nanoseconds of the fiber's `Clock`, or
 * undefined for what has not happened. An interrupted request leaves no error to read, so this is how its caller
 * learns that it never left: `sentAt` is undefined.
 */
export interface RequestProgress {
  /** When the request was given to a connected socket. From here on it may be charged. */
  sentAt: bigint | undefined
  /** When the first byte of the reply arrived. */
  firstByteAt: bigint | undefined
}

/**
 * Provide a fresh `{ sentAt: undefined, firstByteAt: undefined }` around `execute` to have it filled in. Absent by
 * default, and then it costs nothing. A client that knows nothing of it leaves it empty: trust an undefined `sentAt`
 * only where the transport is that of `@assay/core/node`.
 */
export const CurrentProgress = Context.Reference<RequestProgress | undefined>("@assay/core/RequestProgress", {
  defaultValue: () => undefined
})
