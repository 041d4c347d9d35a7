/** What JSON can say. Numbers that JSON cannot write (NaN, ±Infinity) may stand in an expected value: they equal themselves. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * A value that a program handed back and that holds something JSON has no words for: undefined, NaN, a Map, a function…
 *
 * `shown` is how a console would print it, at most 2,000 characters. It never equals an expected value, save NaN and ±Infinity.
 */
export interface NotJson {
  readonly _tag: "NotJson"
  readonly shown: string
}
