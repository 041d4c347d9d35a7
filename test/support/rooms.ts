/** Where an arrow is allowed: everywhere in the room, or only in files whose path begins so. */
type Places = "everywhere" | ReadonlyArray<string>

export interface Room {
  readonly folder: string
  readonly name: string
  /** Rooms of ours that it may import, and from where. */
  readonly arrows: Readonly<Record<string, Places>>
  /** Whether it may import Effect. */
  readonly effect: boolean
  /** Rooms that it may open only by a dynamic import; other entries of theirs stay free. */
  readonly lazily?: ReadonlyArray<string>
}

const suite = (folder: string): Room => ({
  folder,
  name: `@assay-suites/${folder.slice("evals/".length)}`,
  // The tests of a suite prove its samples, and those of code need the sandbox for that.
  arrows: { "@assay/harness": "everywhere", "@assay/sandbox": ["test/"] },
  effect: false
})

const everywhere = "everywhere"

/** The rooms and arrows that ARCHITECTURE.md draws. A new arrow is a decision: one page in docs/decisions. */
export const rooms: ReadonlyArray<Room> = [
  { folder: "packages/core", name: "@assay/core", arrows: {}, effect: true },
  { folder: "packages/statistics", name: "@assay/statistics", arrows: {}, effect: false },
  { folder: "packages/sandbox", name: "@assay/sandbox", arrows: {}, effect: true },
  { folder: "packages/simulator", name: "@assay/simulator", arrows: {}, effect: false },
  {
    folder: "packages/harness",
    name: "@assay/harness",
    // The sandbox is an optional peer: only who imports `@assay/harness/code` has to install it.
    arrows: {
      "@assay/core": everywhere,
      "@assay/statistics": everywhere,
      "@assay/sandbox": ["src/code.ts", "src/code/", "test/"]
    },
    effect: true
  },
  {
    folder: "packages/store",
    name: "@assay/store",
    arrows: { "@assay/core": everywhere, "@assay/harness": everywhere },
    effect: true
  },
  {
    folder: "apps/tui",
    name: "@assay/tui",
    arrows: {
      "@assay/core": everywhere,
      "@assay/harness": everywhere,
      "@assay/store": everywhere,
      "@assay/statistics": everywhere
    },
    effect: true
  },
  {
    folder: "apps/evals",
    name: "assay",
    arrows: {
      "@assay/core": everywhere,
      "@assay/harness": everywhere,
      "@assay/sandbox": everywhere,
      "@assay/simulator": everywhere,
      "@assay/statistics": everywhere,
      "@assay/store": everywhere,
      "@assay/tui": everywhere
    },
    effect: true,
    lazily: ["@assay/tui"]
  },
  // Holds no code: typedoc makes the reference of core from its sources.
  { folder: "apps/docs", name: "@assay/docs", arrows: { "@assay/core": everywhere }, effect: false },
  suite("evals/coding"),
  suite("evals/math"),
  suite("evals/policy")
]

/** Who may touch `process` and `console` besides benches and tests, and why. */
export const knowTheProcess: Readonly<Record<string, string>> = {
  "apps/evals/src/assay.ts": "tells an old Node.js what it needs, before anything else is loaded",
  "apps/evals/src/main.ts": "wires the program: streams, environment, signals, exit code",
  "packages/simulator/src/main.ts": "is a program of its own",
  "packages/sandbox/src/host.ts": "is a program of its own, and tries its own wall",
  "packages/sandbox/src/internal/hostProcess.ts": "starts the host on the same Node.js, and ends it with this process",
  "packages/core/src/fileJournal/processIdentity.ts": "names this process in the lock of a journal file",
  "packages/store/src/internal/Owners.ts": "names this process as the owner of what it reserves",
  "packages/store/src/internal/processStart.ts": "sees whether an owner still lives",
  "packages/store/src/internal/fileSystem.ts":
    "asks the kernel, where that is Linux, what kind of file system holds a file"
}
