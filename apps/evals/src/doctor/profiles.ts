import { Effect, FileSystem, Path, Schema } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { ProviderProfile } from "./ProviderProfile.ts"

const Profiles = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), profiles: Schema.Array(ProviderProfile) })
)

/** Where a project's profiles are: beside its runs, since the bounds of those rest on them. */
const profilesFile = (root: string) => Effect.map(Path.Path, (path) => path.join(root, ".assay", "profiles.json"))

/** All profiles of a project, none where no probe was made. Fails on a file that cannot be read as such. */
export const loadProfiles = Effect.fn("loadProfiles")(function* (root: string) {
  const files = yield* FileSystem.FileSystem
  const file = yield* profilesFile(root)
  const unreadable = (why: string) =>
    failure({
      code: "E0111",
      what: `${file} cannot be read`,
      why,
      kept: "nothing was sent or charged",
      fix: "move it away, then: assay doctor --probe",
      exit: ExitCode.usage
    })
  const exists = yield* files.exists(file).pipe(Effect.mapError((error) => unreadable(error.message)))
  if (!exists) return []
  const text = yield* files.readFileString(file).pipe(Effect.mapError((error) => unreadable(error.message)))
  const { profiles } = yield* Schema.decodeUnknownEffect(Profiles)(text).pipe(
    Effect.mapError(() => unreadable("it is no file of profiles that this version knows"))
  )
  return profiles
})

/** Adds a profile, or replaces the one of the same provider, address and model. The file appears whole or not at all. */
export const saveProfile = Effect.fn("saveProfile")(function* (root: string, profile: ProviderProfile) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = yield* profilesFile(root)
  const others = (yield* loadProfiles(root)).filter(
    ({ baseUrl, model, provider }) =>
      !(baseUrl === profile.baseUrl && model === profile.model && provider === profile.provider)
  )
  const text = yield* Effect.orDie(Schema.encodeEffect(Profiles)({ version: 1, profiles: [profile, ...others] }))
  const written = Effect.gen(function* () {
    yield* files.makeDirectory(path.dirname(file), { recursive: true })
    yield* files.writeFileString(`${file}.new`, `${JSON.stringify(JSON.parse(text), null, 2)}\n`, { mode: 0o600 })
    yield* files.rename(`${file}.new`, file)
  })
  yield* written.pipe(
    Effect.mapError((error) =>
      failure({ code: "E0204", what: `${file} cannot be written`, why: error.message, exit: ExitCode.incomplete })
    )
  )
  return file
})
