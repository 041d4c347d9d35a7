/**
 * Runs `resume` in the next turn of the event loop, behind what undici has put there itself.
 *
 * A fiber resumed at once would run inside undici's parser and before the connection of its reply is free: its next
 * call would open another connection, or be written to this one before the loop has seen that the server closed it.
 * The microtask puts our immediate behind undici's own, and makes a short reply whole by the time it is read.
 */
export const nextTurn = (resume: () => void): void => queueMicrotask(() => void setImmediate(resume))
