import type { Glyphs } from "./glyphs.ts"

/** The two parts of a bar of `columns` cells. Full only when all is done, and never empty once something is. */
export const bar = (
  { done, total, columns }: { readonly done: number; readonly total: number; readonly columns: number },
  glyphs: Glyphs
): { readonly full: string; readonly empty: string } => {
  const share = total === 0 ? 1 : Math.min(1, Math.max(0, done / total))
  const rounded = Math.round(share * columns)
  const cells = share === 1 ? columns : share === 0 ? 0 : Math.min(columns - 1, Math.max(1, rounded))
  return {
    full: glyphs.barFull.repeat(Math.max(0, cells)),
    empty: glyphs.barEmpty.repeat(Math.max(0, columns - cells))
  }
}
