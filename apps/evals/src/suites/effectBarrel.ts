// The library as suites import it. The bundle makes this a chunk of its own that shares its modules with the rest.
export * from "effect"
