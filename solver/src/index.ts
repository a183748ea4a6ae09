export * from "./api.ts";
export { EngineError } from "./certify.ts";
export { estimateMemoryBytes } from "./memory.ts";
export { type ParsedPlan, parsePlan } from "./plan/schema.ts";
export type * from "./plan/types.ts";
export * from "./problem/types.ts";
export { type ParsedProblem, parseProblem } from "./problem/validate.ts";
export { solve, warmUp } from "./solve.ts";
export { verify } from "./verify/verify.ts";
