/**
 * The only code of ours inside a guest, evaluated before the program so that every intrinsic it needs is still pristine.
 *
 * It hands the host a few closures and leaves no trace of them in the guest's globals. After the program has run nothing
 * here may be looked up on a shared prototype or a global: text grows by `+=` on primitive strings, properties are read
 * as own data properties, nothing is spread, destructured from an iterator, pushed or joined. The guest has no host
 * function at all: console text waits in here until the host fetches it, timers run on a clock that only the host moves.
 *
 * The encoding is JSON. null, booleans, finite numbers and strings are themselves; all else is an array with a tag first:
 * ["a", …items]  ["o", …keys and values]  ["m", …keys and values of a Map]  ["S", …items of a Set]
 * ["u"] undefined  ["n", "NaN"]  ["i", bigint]  ["d", ISO text]  ["e", error text]  ["x", word] anything else.
 */
export const guestPrelude = String.raw`(limitUnits) => {
  "use strict"
  const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, defineProperty } = Reflect
  const { isArray } = Array
  const { hasOwn } = Object
  const { parse, stringify } = JSON
  const { isView } = ArrayBuffer
  const create = Object.create
  const RangeErrorConstructor = RangeError
  const TypeErrorConstructor = TypeError
  const objectPrototype = Object.prototype
  const errorPrototype = Error.prototype
  const slice = String.prototype.slice
  const mapSize = getOwnPropertyDescriptor(Map.prototype, "size").get
  const setSize = getOwnPropertyDescriptor(Set.prototype, "size").get
  const mapForEach = Map.prototype.forEach
  const setForEach = Set.prototype.forEach
  const getTime = Date.prototype.getTime
  const toISOString = Date.prototype.toISOString
  const promiseResolve = Promise.resolve
  const promiseThen = Promise.prototype.then
  const PromiseConstructor = Promise

  // Deep enough for any honest answer, shallow enough to end a cycle long before the stack does.
  const maximumDepth = 64
  const overflow = create(null)
  let unitsLeft = limitUnits
  let overflowed = false
  let printed = ""

  const write = (sink, piece) => {
    sink.room -= piece.length
    if (sink.room < 0) throw overflow
    sink.text += piece
  }
  const writeString = (sink, value) => {
    if (value.length > sink.room) throw overflow
    write(sink, stringify(value))
  }
  // True when the value has the inner slots that the method of a class asks for; no guest code runs.
  const isBranded = (method, value) => {
    try { apply(method, value, []); return true } catch { return false }
  }
  const ignore = () => {}
  const inherits = (value, prototype) => {
    let link = value
    for (let step = 0; step < 8 && link !== null; step += 1) {
      link = getPrototypeOf(link)
      if (link === prototype) return true
    }
    return false
  }
  // A string held as a plain data property on the value or up its prototypes; getters are never run.
  const textProperty = (value, key) => {
    let link = value
    for (let step = 0; step < 8 && link !== null; step += 1) {
      const descriptor = getOwnPropertyDescriptor(link, key)
      if (descriptor !== undefined) {
        return hasOwn(descriptor, "value") && typeof descriptor.value === "string" ? descriptor.value : ""
      }
      link = getPrototypeOf(link)
    }
    return ""
  }
  const describe = (thrown) => {
    try {
      if (thrown === null || (typeof thrown !== "object" && typeof thrown !== "function")) {
        return typeof thrown === "symbol" ? "a symbol" : apply(slice, "" + thrown, [0, 500])
      }
      const name = textProperty(thrown, "name")
      const message = textProperty(thrown, "message")
      const both = name === "" ? message : message === "" ? name : name + ": " + message
      return both === "" ? "an object without a message" : apply(slice, both, [0, 500])
    } catch {
      return "a value that cannot be read"
    }
  }

  const writeProperty = (sink, owner, key, depth) => {
    const descriptor = getOwnPropertyDescriptor(owner, key)
    if (descriptor === undefined) write(sink, '["u"]')
    else if (!hasOwn(descriptor, "value")) write(sink, '["x","getter"]')
    else encode(sink, descriptor.value, depth + 1)
  }
  const writeList = (sink, value, depth) => {
    const length = getOwnPropertyDescriptor(value, "length").value
    // Only a Proxy can claim another kind of length, and then the comparison below would run its code.
    if (typeof length !== "number") return write(sink, '["x","an array without a length"]')
    write(sink, '["a"')
    for (let index = 0; index < length; index += 1) {
      write(sink, ",")
      writeProperty(sink, value, "" + index, depth)
    }
    write(sink, "]")
  }
  const writeRecord = (sink, value, depth) => {
    const keys = ownKeys(value)
    write(sink, '["o"')
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index]
      if (typeof key !== "string") continue
      const descriptor = getOwnPropertyDescriptor(value, key)
      if (descriptor === undefined || !descriptor.enumerable) continue
      write(sink, ",")
      writeString(sink, key)
      write(sink, ",")
      if (hasOwn(descriptor, "value")) encode(sink, descriptor.value, depth + 1)
      else write(sink, '["x","getter"]')
    }
    write(sink, "]")
  }
  const writeObject = (sink, value, depth) => {
    if (isArray(value)) return writeList(sink, value, depth)
    const prototype = getPrototypeOf(value)
    if (prototype === objectPrototype || prototype === null) return writeRecord(sink, value, depth)
    if (isView(value)) return write(sink, '["x","typed array"]')
    if (isBranded(mapSize, value)) {
      write(sink, '["m"')
      apply(mapForEach, value, [(item, key) => {
        write(sink, ",")
        encode(sink, key, depth + 1)
        write(sink, ",")
        encode(sink, item, depth + 1)
      }])
      return write(sink, "]")
    }
    if (isBranded(setSize, value)) {
      write(sink, '["S"')
      apply(setForEach, value, [(item) => {
        write(sink, ",")
        encode(sink, item, depth + 1)
      }])
      return write(sink, "]")
    }
    if (isBranded(getTime, value)) {
      const time = apply(getTime, value, [])
      return write(sink, time === time ? '["d","' + apply(toISOString, value, []) + '"]' : '["x","Invalid Date"]')
    }
    if (inherits(value, errorPrototype)) {
      write(sink, '["e",')
      writeString(sink, describe(value))
      return write(sink, "]")
    }
    return writeRecord(sink, value, depth)
  }
  const encode = (sink, value, depth) => {
    if (value === null) return write(sink, "null")
    switch (typeof value) {
      case "string": return writeString(sink, value)
      case "boolean": return write(sink, value ? "true" : "false")
      case "number":
        if (value !== value || value === 1 / 0 || value === -1 / 0) return write(sink, '["n","' + value + '"]')
        return write(sink, "" + value)
      case "undefined": return write(sink, '["u"]')
      case "bigint": return write(sink, '["i","' + value + '"]')
      case "symbol": return write(sink, '["x","symbol"]')
      case "function": return write(sink, '["x","function"]')
      default:
        if (depth >= maximumDepth) return write(sink, '["x","too deep or cyclic"]')
        return writeObject(sink, value, depth)
    }
  }
  // The sink is new for each call: a Proxy trap may print while another value is being written.
  const encoded = (value) => {
    if (overflowed) return ""
    const sink = { __proto__: null, text: "", room: unitsLeft }
    try {
      encode(sink, value, 0)
    } catch (problem) {
      if (problem === overflow) {
        overflowed = true
        return ""
      }
      // The trap of a Proxy threw, or the deadline passed; the host knows about the latter.
      sink.text = '["x","a value that cannot be read"]'
    }
    unitsLeft -= sink.text.length
    if (unitsLeft < 0) overflowed = true
    return sink.text
  }

  // Past the limit printing throws, so that a flood ends early; a program that swallows this gains nothing by it.
  const print = function () {
    if (overflowed) throw new RangeErrorConstructor("The program printed too much.")
    let line = ""
    for (let index = 0; index < arguments.length; index += 1) {
      line += (index === 0 ? "" : ",") + encoded(arguments[index])
    }
    unitsLeft -= 3
    if (unitsLeft < 0) overflowed = true
    if (!overflowed) printed += "[" + line + "]\n"
  }
  const define = (name, value) => defineProperty(globalThis, name, {
    __proto__: null, value, writable: true, configurable: true, enumerable: false
  })
  define("console", {
    log: print, info: print, debug: print, warn: print, error: print, trace: print, dir: print, table: print,
    assert: ignore, clear: ignore, count: ignore, countReset: ignore, group: print, groupCollapsed: print,
    groupEnd: ignore, time: ignore, timeEnd: ignore, timeLog: ignore
  })

  // Timers fire in the order they are due, without waiting: the host moves this clock when nothing else is left to do.
  let now = 0
  let lastTimer = 0
  let firstTimer = null
  const schedule = (timer) => {
    if (firstTimer === null || timer.due < firstTimer.due) {
      timer.next = firstTimer
      firstTimer = timer
      return
    }
    let before = firstTimer
    while (before.next !== null && before.next.due <= timer.due) before = before.next
    timer.next = before.next
    before.next = timer
  }
  const addTimer = (callback, delay, every) => {
    if (typeof callback !== "function") throw new TypeErrorConstructor("A timer needs a function.")
    const wait = typeof delay === "number" && delay > 1 ? delay : 1
    lastTimer += 1
    schedule({ __proto__: null, id: lastTimer, due: now + wait, every: every ? wait : 0, callback, next: null })
    return lastTimer
  }
  const clearTimer = (id) => {
    let before = null
    for (let timer = firstTimer; timer !== null; timer = timer.next) {
      if (timer.id === id) {
        if (before === null) firstTimer = timer.next
        else before.next = timer.next
        return
      }
      before = timer
    }
  }
  const listSlice = Array.prototype.slice
  const withArguments = (callback, all) => {
    if (all.length <= 2 || typeof callback !== "function") return callback
    return () => apply(callback, undefined, apply(listSlice, all, [2]))
  }
  define("setTimeout", function setTimeout(callback, delay) {
    return addTimer(withArguments(callback, arguments), delay, false)
  })
  define("setInterval", function setInterval(callback, delay) {
    return addTimer(withArguments(callback, arguments), delay, true)
  })
  define("setImmediate", (callback) => addTimer(callback, 0, false))
  define("clearTimeout", clearTimer)
  define("clearInterval", clearTimer)
  define("clearImmediate", clearTimer)
  define("queueMicrotask", (callback) => {
    if (typeof callback !== "function") throw new TypeErrorConstructor("queueMicrotask needs a function.")
    apply(promiseThen, apply(promiseResolve, PromiseConstructor, []), [() => { callback() }])
  })

  const commonModule = { exports: {} }
  define("module", commonModule)
  define("exports", commonModule.exports)
  const member = (owner, key) => {
    if (owner === null || (typeof owner !== "object" && typeof owner !== "function")) return undefined
    const descriptor = getOwnPropertyDescriptor(owner, key)
    return descriptor !== undefined && hasOwn(descriptor, "value") ? descriptor.value : undefined
  }
  const functionOf = (exported, entry) => {
    const named = member(exported, entry)
    if (typeof named === "function") return named
    const standard = member(exported, "default")
    if (typeof standard === "function") return standard
    const inner = member(standard, entry)
    return typeof inner === "function" ? inner : undefined
  }

  return {
    __proto__: null,
    call: (callee, argumentsText) => apply(callee, undefined, parse(argumentsText)),
    encoded,
    describe,
    member,
    functionOf,
    commonExport: (entry) => {
      const exported = member(commonModule, "exports")
      return typeof exported === "function" ? exported : functionOf(exported, entry)
    },
    runTimer: () => {
      const timer = firstTimer
      if (timer === null) return false
      firstTimer = timer.next
      now = timer.due
      if (timer.every > 0) {
        timer.due += timer.every
        schedule(timer)
      }
      const callback = timer.callback
      callback()
      return true
    },
    hasOverflowed: () => overflowed,
    printed: () => printed
  }
}`
