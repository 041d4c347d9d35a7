import { layer as layerTransport } from "@assay/core/node"
import { layerCodeSandbox } from "@assay/harness/code"
import { Layer } from "effect"

/** What a run needs besides its store: a way to the provider, and a place for code that a model wrote. */
export const layerServices = Layer.mergeAll(layerTransport, layerCodeSandbox())
