/** The fields of a `multipart/form-data` body, the file among them as its text; `undefined` when it cannot be read. */
export const readMultipart = (
  contentType: string | undefined,
  body: string
): ReadonlyMap<string, FormField> | undefined => {
  const boundary = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? "")
  const mark = boundary?.[1] ?? boundary?.[2]
  if (mark === undefined) return undefined
  const fields = new Map<string, FormField>()
  // The first delimiter stands at the very start, all others after a line break that belongs to them.
  for (const part of `\r\n${body}`.split(`\r\n--${mark}`).slice(1)) {
    if (part.startsWith("--")) return fields
    const headEnd = part.indexOf("\r\n\r\n")
    const head = part.slice(0, headEnd)
    const name = /content-disposition:[^\r\n]*;\s*name="([^"]*)"/i.exec(head)?.[1]
    if (headEnd < 0 || name === undefined) return undefined
    const filename = /;\s*filename="([^"]*)"/i.exec(head)?.[1]
    fields.set(name, { value: part.slice(headEnd + 4), ...(filename === undefined ? {} : { filename }) })
  }
  // No closing delimiter: the body was cut.
  return undefined
}

export interface FormField {
  readonly value: string
  readonly filename?: string
}
