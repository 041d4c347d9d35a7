import { createHash } from "node:crypto"
import type { Plan, SampleRecord } from "@assay/harness"

/** The samples of a plan as the store keeps them. */
export const sampleRecords = (plan: Plan): ReadonlyArray<SampleRecord> =>
  plan.suites.flatMap((suite) =>
    suite.samples.map(({ id, input, target, cluster, tags }) => ({
      suite: suite.name,
      id,
      hash: createHash("sha256")
        .update(JSON.stringify([input, target]))
        .digest("hex")
        .slice(0, 32),
      input,
      target,
      cluster,
      tags
    }))
  )
