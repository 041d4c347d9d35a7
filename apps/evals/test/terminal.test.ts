import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { setTimeout } from "node:timers/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { environment } from "./support/assay.ts"
import { bundle } from "./support/bundle.ts"
import { ask, sumsProject } from "./support/project.ts"
import { mask } from "./support/shown.ts"

const hasTmux = (): boolean => {
  try {
    execFileSync("tmux", ["-V"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** A shell in a real terminal of 80 by 24. */
const openTerminal = async (project: string, variables: Readonly<Record<string, string>> = {}) => {
  const socket = join(project, "tmux")
  const tmux = (...args: ReadonlyArray<string>) =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: environment({ LANG: "C.UTF-8", TERM: "xterm-256color" })
    })
  const names = Object.entries({ PS1: "$ ", LANG: "C.UTF-8", ...variables }).map(([name, value]) => `${name}=${value}`)
  const assign = ["env", "-i", ...Object.entries(environment()).map(([name, value]) => `${name}=${value}`), ...names]
  const size = ["-x", "80", "-y", "24"]
  tmux("new-session", "-d", ...size, "-c", project, ...assign, "TERM=screen-256color", "sh")
  onTestFinished(() => {
    tmux("kill-server")
  })
  const program = `${process.execPath} ${await bundle()}`
  writeFileSync(join(project, "assay"), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 })
  const screen = () => tmux("capture-pane", "-p", "-t", "0")
  return {
    type: (line: string) => tmux("send-keys", "-t", "0", "-l", line),
    key: (name: string) => tmux("send-keys", "-t", "0", name),
    /** All that was printed, what scrolled away included. */
    history: () => tmux("capture-pane", "-p", "-S", "-200", "-t", "0"),
    screen,
    /** The screen once it matches. */
    screenWith: async (pattern: RegExp): Promise<string> => {
      for (let look = 0; look < 800; look += 1) {
        const shown = screen()
        if (pattern.test(shown)) return shown
        await setTimeout(25)
      }
      throw new Error(`The screen never showed ${pattern}:\n${screen()}`)
    }
  }
}

/** Counts to 2 where keys come by the line and are echoed, as a shell wants it. */
const settings = "stty -a | grep -o -e ' icanon' -e ' echo ' | wc -l"

describe.skipIf(!hasTmux())("in a terminal of 80 by 24", () => {
  it("a run shows its footer, then its table, and gives the terminal back as it was", async () => {
    const project = sumsProject()
    const terminal = await openTerminal(project)
    terminal.type("./assay run --provider simulator --seed 7 -j 2; echo exit $?\n")
    const live = await terminal.screenWith(/^done .*\b1\d\/24/m)
    expect(maskNumbers(footerOf(live))).toMatchSnapshot("footer")
    await terminal.screenWith(/^exit 0$/m)
    const history = terminal.history()
    expect(mask(tableOf(history))).toMatchSnapshot("table")
    // Each failure stands once, and nothing of the footer is left behind.
    expect(history.match(/✖ failed/g)).toHaveLength(8)
    expect(history).not.toMatch(/^(done|spend) /m)
    terminal.type(`${settings}\n`)
    await terminal.screenWith(/^2$/m)
  })

  it("Ctrl-C lets calls in flight end, prints the table and exits 130", async () => {
    const project = sumsProject()
    const terminal = await openTerminal(project)
    terminal.type("./assay run --provider simulator --seed 7 -j 2; echo exit $?\n")
    await terminal.screenWith(/^done .*\b[2-9]\/24/m)
    terminal.key("C-c")
    const ended = await terminal.screenWith(/^exit \d+$/m)
    expect(ended).toMatch(/^exit 130$/m)
    expect(ended).toMatch(/^interrupted: stopped by a signal$/m)
    expect(ended).toMatch(/^error\[E1501\]: run \w{8} was stopped$/m)
    expect(ask(project, "SELECT count(*) AS open FROM attempt WHERE state <> 'settled'")).toEqual([{ open: 0n }])
    terminal.type(`${settings}\n`)
    await terminal.screenWith(/^2$/m)
  })

  it.each([
    ["NO_COLOR", { NO_COLOR: "1" }],
    ["TERM=dumb", { TERM: "dumb" }]
  ])("%s is obeyed: no escape reaches the screen", async (_name, variables) => {
    const project = sumsProject()
    const terminal = await openTerminal(project)
    const assigned = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    terminal.type(`${assigned.join(" ")} script -qec './assay list suites; ./assay --help' typescript; echo exit $?\n`)
    await terminal.screenWith(/^exit 0$/m)
    terminal.type("tr -d '\\r' < typescript | grep -c \"$(printf '\\033')\"\n")
    await terminal.screenWith(/^0$/m)
  })
})

/** The three live lines. */
const footerOf = (screen: string): string =>
  screen
    .split("\n")
    .filter((line) => /^(done|pass|spend) /.test(line))
    .join("\n")

const tableOf = (history: string): string =>
  history.slice(history.search(/^ +pass {2}95% interval/m)).replace(/^exit 0[\s\S]*/m, "")

/** A footer at an unknown moment: each number may be another. */
const maskNumbers = (text: string): string =>
  text
    .replace(/[█░▏▎▍▌▋▊▉]+/g, "<bar>")
    .replace(/\d+(\.\d+)?/g, "0")
    .replace(/ +/g, " ")
