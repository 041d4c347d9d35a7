import type { IncomingMessage } from "node:http"

/** The path without its query. */
export const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? ""
