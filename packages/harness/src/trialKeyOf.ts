import type { TrialKey } from "./RunRecord.ts"

/** One text for a trial's place in its run, to look it up by. */
export const trialKeyOf = ({ suite, variant, sampleId, trialIndex }: TrialKey): string =>
  JSON.stringify([suite, variant, sampleId, trialIndex])
