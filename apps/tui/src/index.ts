export { type FooterClock, systemClock } from "./FooterClock.ts"
export { type RunFooterHandle, type RunFooterOptions, startRunFooter } from "./startRunFooter.tsx"
