import type { LintRule } from "./LintRule.ts"
import { inconsistentExamples } from "./rules/inconsistentExamples.ts"
import { missingLanguage } from "./rules/missingLanguage.ts"
import { missingOutputContract } from "./rules/missingOutputContract.ts"
import { mixedRoles } from "./rules/mixedRoles.ts"
import { moreThanResultsJustify } from "./rules/moreThanResultsJustify.ts"
import { secretInPrompt } from "./rules/secretInPrompt.ts"
import { thinkStepByStep } from "./rules/thinkStepByStep.ts"
import { tooLong } from "./rules/tooLong.ts"
import { unclosedVariable } from "./rules/unclosedVariable.ts"
import { undelimitedData } from "./rules/undelimitedData.ts"
import { unnumberedQuestions } from "./rules/unnumberedQuestions.ts"

/** All rules, those that can make a prompt fail first. */
export const lintRules: ReadonlyArray<LintRule> = [
  secretInPrompt,
  unclosedVariable,
  mixedRoles,
  undelimitedData,
  missingOutputContract,
  unnumberedQuestions,
  missingLanguage,
  inconsistentExamples,
  thinkStepByStep,
  tooLong,
  moreThanResultsJustify
]
