import { defineConfig } from "tsdown"

export default defineConfig({
  entry: { assay: "src/assay.ts", effect: "src/suites/effectBarrel.ts" },
  format: "esm",
  platform: "node",
  target: "node22",
  dts: false,
  sourcemap: false,
  minify: true,
  fixedExtension: false,
  define: { "process.env.NODE_ENV": '"production"' },
  // Bundled chunks start several times faster than imports from node_modules. The native addon and the sandbox,
  // whose host process starts from its own files, stay outside.
  deps: {
    alwaysBundle: [/.*/],
    neverBundle: ["better-sqlite3", "@assay/sandbox", "react-devtools-core"],
    onlyBundle: false
  }
})
