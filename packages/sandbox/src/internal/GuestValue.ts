import type { Json, NotJson } from "../Json.ts"

/** A value as the guest encoded it (see guestPrelude.ts), read and checked. */
export type GuestValue =
  | { readonly _tag: "Plain"; readonly value: null | boolean | number | string }
  | { readonly _tag: "List"; readonly kind: "Array" | "Set"; readonly items: ReadonlyArray<GuestValue> }
  | { readonly _tag: "Record"; readonly entries: ReadonlyArray<readonly [key: string, value: GuestValue]> }
  | { readonly _tag: "Map"; readonly entries: ReadonlyArray<readonly [key: GuestValue, value: GuestValue]> }
  | { readonly _tag: "Other"; readonly shown: string }

const maximumShown = 2000

/** Reads encoded text. Throws on anything that the prelude does not write: then the host is not what it should be. */
export const decodeGuestValue = (text: string): GuestValue => readGuestValue(JSON.parse(text))

/** The value as JSON, or how a console would show it when some part of it is not JSON. */
export const toJson = (value: GuestValue): Json | NotJson => {
  const json = asJson(value)
  return json === undefined ? { _tag: "NotJson", shown: show(value).slice(0, maximumShown) } : json
}

/** How console.log prints an argument. */
export const printed = (value: GuestValue): string =>
  value._tag === "Plain" && typeof value.value === "string" ? value.value : show(value)

/**
 * Structural equality with an expected value: numbers by Object.is save that -0 is 0, or within `tolerance` (absolute);
 * records by their own enumerable string keys in any order, whatever their prototype. What is not JSON equals nothing.
 */
export const equalsJson = (actual: GuestValue, expected: Json, tolerance = 0): boolean => {
  switch (actual._tag) {
    case "Plain":
      return equalsPlain(actual.value, expected, tolerance)
    case "List":
      return (
        actual.kind === "Array" &&
        Array.isArray(expected) &&
        expected.length === actual.items.length &&
        actual.items.every((item, index) => equalsJson(item, expected[index] as Json, tolerance))
      )
    case "Record": {
      if (typeof expected !== "object" || expected === null || Array.isArray(expected)) return false
      const record = expected as { readonly [key: string]: Json }
      return (
        Object.keys(record).length === actual.entries.length &&
        actual.entries.every(
          ([key, value]) => Object.hasOwn(record, key) && equalsJson(value, record[key] as Json, tolerance)
        )
      )
    }
    case "Map":
      return false
    case "Other":
      return typeof expected === "number" && !Number.isFinite(expected) && actual.shown === String(expected)
  }
}

const equalsPlain = (actual: null | boolean | number | string, expected: Json, tolerance: number): boolean => {
  if (typeof actual !== "number" || typeof expected !== "number") return actual === expected
  return actual === expected || Math.abs(actual - expected) <= tolerance
}

/** As `decodeGuestValue`, for encoded text that has been parsed already. */
export const readGuestValue = (node: unknown): GuestValue => {
  if (node === null || typeof node === "boolean" || typeof node === "number" || typeof node === "string") {
    return { _tag: "Plain", value: node }
  }
  if (!Array.isArray(node)) throw new TypeError("The sandbox host sent a value of an unknown shape.")
  const [tag, ...parts] = node as ReadonlyArray<unknown>
  switch (tag) {
    case "a":
      return { _tag: "List", kind: "Array", items: parts.map(readGuestValue) }
    case "S":
      return { _tag: "List", kind: "Set", items: parts.map(readGuestValue) }
    case "o":
      return { _tag: "Record", entries: pairs(parts).map(([key, value]) => [String(key), readGuestValue(value)]) }
    case "m":
      return { _tag: "Map", entries: pairs(parts).map(([key, value]) => [readGuestValue(key), readGuestValue(value)]) }
    case "u":
      return { _tag: "Other", shown: "undefined" }
    case "n":
      return { _tag: "Other", shown: String(parts[0]) }
    case "i":
      return { _tag: "Other", shown: `${String(parts[0])}n` }
    case "d":
      return { _tag: "Other", shown: `Date(${String(parts[0])})` }
    case "e":
    case "x":
      return { _tag: "Other", shown: `[${String(parts[0])}]` }
    default:
      throw new TypeError("The sandbox host sent a value with an unknown tag.")
  }
}

const pairs = (parts: ReadonlyArray<unknown>): ReadonlyArray<readonly [unknown, unknown]> =>
  Array.from({ length: Math.floor(parts.length / 2) }, (_, index) => [parts[2 * index], parts[2 * index + 1]] as const)

const asJson = (value: GuestValue): Json | undefined => {
  switch (value._tag) {
    case "Plain":
      return value.value
    case "List": {
      if (value.kind === "Set") return undefined
      const items = value.items.map(asJson)
      return items.every((item) => item !== undefined) ? items : undefined
    }
    case "Record": {
      const entries = value.entries.map(([key, item]) => [key, asJson(item)] as const)
      return entries.every(isPresent) ? Object.fromEntries(entries) : undefined
    }
    default:
      return undefined
  }
}

const isPresent = (entry: readonly [string, Json | undefined]): entry is readonly [string, Json] =>
  entry[1] !== undefined

const show = (value: GuestValue): string => {
  switch (value._tag) {
    case "Plain":
      return JSON.stringify(value.value)
    case "List": {
      const items = value.items.map(show).join(", ")
      return value.kind === "Array" ? `[${items}]` : `Set {${items}}`
    }
    case "Record":
      return `{${value.entries.map(([key, item]) => `${showKey(key)}: ${show(item)}`).join(", ")}}`
    case "Map":
      return `Map {${value.entries.map(([key, item]) => `${show(key)} => ${show(item)}`).join(", ")}}`
    case "Other":
      return value.shown
  }
}

const showKey = (key: string): string =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key)
