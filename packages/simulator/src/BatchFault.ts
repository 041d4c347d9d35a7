/**
 * One thing that goes wrong with one batch; several may go wrong with the same one. `line` counts the lines of its
 * input file from 0, times are milliseconds. Whatever is said of a line, it is charged if and only if it ran.
 */
export type BatchFault =
  /** The file is stored, and the answer that names it is lost. */
  | { readonly _tag: "UploadLost" }
  /** The batch is made and runs, but the answer is lost, and the list only shows it after `visibleAfterMs` (default 0). */
  | { readonly _tag: "CreateLost"; readonly visibleAfterMs?: number }
  /** The connection breaks before anything was made. */
  | { readonly _tag: "CreateReset" }
  /** The file does not pass validation: nothing runs and there are no files. */
  | { readonly _tag: "ValidationFailed"; readonly message?: string }
  /** The window ends after so many lines; those that ran are in the output file, and charged. */
  | { readonly _tag: "Expired"; readonly completed: number }
  /** The line is refused by itself: a 400 in the error file. */
  | { readonly _tag: "LineRejected"; readonly line: number }
  | { readonly _tag: "AllRejected" }
  /** The line runs, and is then in neither file. */
  | { readonly _tag: "LineMissing"; readonly line: number }
  /** The line runs once and stands in the output file twice. */
  | { readonly _tag: "LineDuplicated"; readonly line: number }
  /** Empty lines between the others, and one at the end. */
  | { readonly _tag: "BlankLines" }
