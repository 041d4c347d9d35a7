/** What a shell and a CI learn from a run. `docs/cli.md` and the README list them. */
export const ExitCode = {
  ok: 0,
  gateFailed: 1,
  usage: 2,
  incomplete: 3,
  credentials: 4,
  outOfBudget: 5,
  notFound: 6,
  bug: 70,
  interrupted: 130,
  terminated: 143
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
