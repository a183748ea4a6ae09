export * from "./api.ts";
export { EngineError } from "./certify.ts";
export { openSession, type SessionOptions } from "./engines/open-session.ts";
export { Assembly, type Piece, pieces } from "./engines/pieces.ts";
export type * from "./engines/thread-session.ts";
export { estimateMemoryBytes } from "./memory.ts";
export { type ParsedPlan, parsePlan } from "./plan/schema.ts";
export type * from "./plan/types.ts";
export * from "./problem/types.ts";
export { type ParsedProblem, parseProblem } from "./problem/validate.ts";
export {
  applyChanges,
  type ChangeSet,
  UnknownNameError,
  type VariantChange,
} from "./session/changes.ts";
export type { Summary } from "./session/quick-plan.ts";
export { PlacementSession, type RoundOptions, type Scenario, type WhatIfsOptions } from "./session/session.ts";
export { solve, warmUp } from "./solve.ts";
export { verify } from "./verify/verify.ts";
