import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { assay } from "../support/assay.ts"
import { sumsProject } from "../support/project.ts"

const prompt = (project: string, name: string) => join(project, "evals", "sums", "prompts", `${name}.md`)

describe("assay lint", () => {
  it("warns by file and line, exits 0 and writes nothing on standard error", async () => {
    const project = sumsProject()
    const end = await assay(["lint"], { cwd: project })
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    expect(end.stdout).toMatch(/^evals\/sums\/prompts\/plain\.md:1 {2}missing-output-contract {2}/)
    expect(end.stdout).not.toContain("structured.md")
  })

  it("gives a program an array, and the words to standard error, when a prompt cannot be used", async () => {
    const project = sumsProject()
    writeFileSync(prompt(project, "plain"), "## user\n\n<q>\n{{question}}\n</q>\n\nAnswer {{question.\n")
    const end = await assay(["lint", "sums", "--json"], { cwd: project })
    expect(end.exit).toBe(2)
    expect(JSON.parse(end.stdout)).toMatchObject([
      { suite: "sums", file: "evals/sums/prompts/plain.md", line: 7, rule: "unclosed-variable", severity: "error" },
      { rule: "missing-output-contract", severity: "warning" }
    ])
    expect(end.stderr).toContain("error[E0111]: a prompt cannot be used as it is")
    expect(end.stderr).toContain("evals/sums/prompts/plain.md:7")
  })

  it("never shows the secret that it found", async () => {
    const project = sumsProject()
    writeFileSync(prompt(project, "plain"), `Reply with one number. SG_${"1a2b3c4d5e6f7a8b"}\n\n<q>{{question}}</q>\n`)
    const end = await assay(["lint"], { cwd: project })
    expect(end.exit).toBe(2)
    expect(end.stdout).toContain("secret-in-prompt")
    expect(end.stdout + end.stderr).not.toContain("1a2b3c")
  })

  it("refuses a suite that is not there as every verb does", async () => {
    const end = await assay(["lint", "nosuch"], { cwd: sumsProject() })
    expect(end).toMatchObject({ exit: 2, stdout: "" })
    expect(end.stderr).toContain('unknown suite "nosuch"')
  })
})
