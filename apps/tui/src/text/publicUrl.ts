/** A URL as it may be shown: without user, password, query and fragment, which may hold keys. Undefined when it is none. */
export const publicUrl = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`
}
