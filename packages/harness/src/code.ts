export { type CodeTarget, codeTests } from "./code/codeTests.ts"
export { type ExtractedCode, extractCode } from "./code/extractCode.ts"
export { layerCodeSandbox } from "./code/layerCodeSandbox.ts"
