import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { ask, databaseOf, sumsProject } from "./support/project.ts"
import { shown } from "./support/shown.ts"

const looks = [
  { name: "list", args: ["list"], exit: 0 },
  { name: "list-suites", args: ["list", "suites"], exit: 0 },
  { name: "show", args: ["show"], exit: 0 },
  { name: "show-sample", args: ["show", "/sum-06"], exit: 0 },
  { name: "show-unknown-run", args: ["show", "nosuchid"], exit: 6 },
  { name: "show-unknown-sample", args: ["show", "/nosuch"], exit: 6 },
  { name: "show-sample-of-unknown-run", args: ["show", "nosuchid/sum-01"], exit: 6 },
  { name: "resume-unknown-run", args: ["resume", "nosuchid"], exit: 6 },
  { name: "help", args: ["--help"], exit: 0 },
  { name: "help-run", args: ["run", "--help"], exit: 0 },
  { name: "help-resume", args: ["resume", "--help"], exit: 0 },
  { name: "help-list", args: ["list", "--help"], exit: 0 },
  { name: "help-show", args: ["show", "--help"], exit: 0 }
]

describe("looking", () => {
  it("shows what is stored, on standard output, and spends nothing", async () => {
    const project = sumsProject()
    const end = await assay(["run", "--provider", "simulator", "--seed", "7", "-j", "1"], { cwd: project })
    expect(end.exit).toBe(0)
    const attempts = ask(project, "SELECT count(*) AS attempts FROM attempt")
    const [id] = ask(project, "SELECT name FROM run").map(({ name }) => String(name))
    for (const { name, args, exit } of looks) {
      const look = await assay(args, { cwd: project })
      const page = shown(args, look, project).replaceAll(id ?? "", "<run-id>")
      await expect(page).toMatchFileSnapshot(`snapshots/show/${name}.txt`)
      expect(look.exit).toBe(exit)
      expect(exit === 0 ? look.stderr : look.stdout).toBe("")
    }
    expect(ask(project, "SELECT count(*) AS attempts FROM attempt")).toEqual(attempts)
  })

  it("finds a run by the beginning of its id, from a folder inside the project and from another by --db", async () => {
    const project = sumsProject()
    await assay(["run", "--provider", "simulator", "-n", "1"], { cwd: project })
    const id = String(ask(project, "SELECT name FROM run")[0]?.["name"])
    const inside = await assay(["show", id.slice(0, 4), "--json"], { cwd: `${project}/evals/sums` })
    expect(JSON.parse(inside.stdout)).toMatchObject({ run: { id, simulated: true, budget: "0.5" }, held: [] })
    const outside = await assay(["list", "--json", "--db", databaseOf(project)], { cwd: sumsProject() })
    expect(JSON.parse(outside.stdout)).toMatchObject([{ id, status: "completed", suites: ["sums"], trials: 2 }])
  })

  it("before the first run finds an empty list", async () => {
    const project = sumsProject()
    expect(await assay(["list"], { cwd: project })).toMatchObject({
      exit: 0,
      stdout: "No runs yet. Start with: assay run --limit 5\n"
    })
    expect(await assay(["list", "--json"], { cwd: project })).toMatchObject({ exit: 0, stdout: "[]\n" })
  })
})
