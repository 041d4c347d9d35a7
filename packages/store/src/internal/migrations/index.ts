import { migration0001 } from "./0001.ts"
import type { Migration } from "./Migration.ts"

/** All migrations, oldest first. One that was released is never edited: its successor mends it. */
export const migrations: ReadonlyArray<Migration> = [migration0001]
