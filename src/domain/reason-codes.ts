/**
 * Stable names of why something is so: reasons of conditions, of bounds and of decisions. People alert on them: a code is
 * never renamed, and never used for a second meaning.
 */
export const REASON_CODES = [
  // The whole cycle holds.
  "InventoryUnknown",
  "OtherInstallation",
  "ClockJump",
  "ClockSkew",
  "SolverFailed",
  "PlanOutsideBounds",
  // A variant is left alone: nothing is written to its target.
  "TargetMissing",
  "TargetUnusable",
  "TargetShared",
  "OwnedByOther",
  "Suspended",
  "DevicesUnknown",
  "PoolUnknown",
  "ServiceClassMissing",
  "WorkloadDisagrees",
  "RolePartnerMissing",
  "CapacityUnknown",
  "SloUnreachable",
  // Bounds of a variant.
  "OverridePin",
  "OverrideFloor",
  "OverrideCeiling",
  "OverrideFreeze",
  "OverrideExclude",
  "OverrideDrain",
  "OverrideSuperseded",
  "ManualPin",
  "DemandUnknown",
  "DemandPartlyStale",
  "Quarantined",
  "TrustLost",
  "TrustProbe",
  "FloorLowered",
  "PoolAmbiguous",
  "KeptAboveZero",
  "WokenFirst",
  "HandedToKeda",
  // Behavior of autoscaling/v2, in its words.
  "ScaleUpStabilized",
  "ScaleDownStabilized",
  "ScaleUpLimit",
  "ScaleDownLimit",
  "WithinTolerance",
  "GivesWay",
  // What became of the plan.
  "StartBudget",
  "StopBudget",
  "WaitsForStops",
  "WaitsForStarts",
  "LeftAlone",
  "NeverShrinkOnMissingData",
  "ModeObserve",
  "ModeRecommend",
  "WaitsForApproval",
  "Approved",
  // Replicas.
  "StartTimeExceeded",
  "NotReadyTooLong",
  "NodeNotReady",
  "NotCreated",
  "GroupIncomplete",
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];

/** One reason: a stable code, and a sentence with names and numbers for people. */
export interface Note {
  code: ReasonCode;
  sentence: string;
}
