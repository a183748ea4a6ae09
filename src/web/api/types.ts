import type { ListDemandResponse } from "../../gen/apportion/v1/demand.ts";
import type {
  FleetPool,
  FleetWorkload,
  GetFleetResponse,
  PlanSummary,
  WaitingReplica,
} from "../../gen/apportion/v1/fleet.ts";
import type { GetStatusResponse, VariantStatus, WhatIfResponse } from "../../gen/apportion/v1/live.ts";
import type { AuditEvent, Override, PlanDifference, PreviewOverrideResponse } from "../../gen/apportion/v1/override.ts";
import type { Plan, PoolRow } from "../../gen/apportion/v1/plan.ts";

/** A message in the JSON form of protobuf: times and 64-bit numbers are text, and what is absent is left out. */
type Json<T> = T extends bigint | Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

export type StatusJson = Json<GetStatusResponse>;
export type VariantJson = Json<VariantStatus>;
export type PlanJson = Json<Plan>;
export type PoolRowJson = Json<PoolRow>;
export type FleetJson = Json<GetFleetResponse>;
export type PoolJson = Json<FleetPool>;
export type NodeJson = PoolJson["nodes"][number];
export type WorkloadJson = Json<FleetWorkload>;
export type WaitingJson = Json<WaitingReplica>;
export type SummaryJson = Json<PlanSummary>;
export type WhatIfJson = Json<WhatIfResponse>;
export type OverrideJson = Json<Override>;
export type PreviewJson = Json<PreviewOverrideResponse>;
export type DifferenceJson = Json<PlanDifference>;
export type AuditJson = Json<AuditEvent>;
export type DemandJson = Json<ListDemandResponse>;
