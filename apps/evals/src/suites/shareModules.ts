import { createRequire, registerHooks } from "node:module"

/** A module that suites share with this program: its namespace, known by the name that suites import. */
export type SharedModules = ReadonlyMap<string, () => Readonly<Record<string, unknown>>>

const scheme = "assay-shared:"
const registryKey = Symbol.for("assay.sharedModules")

/**
 * Lets suite files import this program's own instances of `@assay/harness` and `effect`, wherever the files lie and
 * whether or not those packages are installed there. Two instances of one library would not know each other's values.
 *
 * A name in `modules` is answered here; `effect/Name` is answered from the barrel of `effect` where that has a `Name`;
 * everything else is resolved as usual.
 */
export const shareModules = (modules: SharedModules): void => {
  Object.assign(globalThis, { [registryKey]: (name: string) => namespaceOf(name, modules) })
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      namespaceOf(specifier, modules) === undefined
        ? nextResolve(specifier, context)
        : { url: scheme + specifier, format: "module", shortCircuit: true },
    load: (url, context, nextLoad) =>
      url.startsWith(scheme)
        ? { format: "module", source: sourceOf(url.slice(scheme.length), modules), shortCircuit: true }
        : nextLoad(url, isSuiteCode(url) ? { ...context, format: formatOf(url) } : context)
  })
}

/** A suite is a module, whatever the `type` of the package that it happens to lie in, and Node need not guess or warn. */
const isSuiteCode = (url: string): boolean => /^file:.*(\.ts|\/suite\.js)$/.test(url) && !url.includes("/node_modules/")

const formatOf = (url: string): string => (url.endsWith(".ts") ? "module-typescript" : "module")

const namespaceOf = (name: string, modules: SharedModules): Readonly<Record<string, unknown>> | undefined => {
  const direct = modules.get(name)
  if (direct !== undefined) return direct()
  const [, member] = /^effect\/([A-Z]\w*)$/.exec(name) ?? []
  const found = member === undefined ? undefined : modules.get("effect")?.()[member]
  return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : undefined
}

/** A module whose exports are the members of the namespace that the registry holds. */
const sourceOf = (name: string, modules: SharedModules): string => {
  const members = Object.keys(namespaceOf(name, modules) ?? {}).filter((member) => /^[A-Za-z_$][\w$]*$/.test(member))
  return [
    `const shared = globalThis[Symbol.for("assay.sharedModules")](${JSON.stringify(name)})`,
    ...members.map((member, index) => `const member${index} = shared[${JSON.stringify(member)}]`),
    `export { ${members.map((member, index) => `member${index} as ${member}`).join(", ")} }`
  ].join("\n")
}

/** `effect` as a whole is loaded only when a suite asks for it: it takes longer than everything else here. */
export const loadEffect = (): Readonly<Record<string, unknown>> => {
  const require = createRequire(import.meta.url)
  return require(import.meta.url.endsWith(".ts") ? "./effectBarrel.ts" : "./effect.js")
}
