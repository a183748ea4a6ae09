import type { Right } from "../../ports/access.ts";

const PLACEMENT = "/apportion.v1.PlacementService/";
const DEMAND = "/apportion.v1.DemandService/";
const INVENTORY = "/apportion.v1.InventoryService/";
const OVERRIDE = "/apportion.v1.OverrideService/";
const SCALER = "/externalscaler.ExternalScaler/";

const METHODS: Record<Right, string[]> = {
  read: [
    ...["GetPlan", "WatchPlan", "GetStatus", "WhatIf", "GetFleet", "ListPlans"].map((name) => PLACEMENT + name),
    `${DEMAND}ListDemand`,
    `${INVENTORY}ListInventory`,
    ...["ListOverrides", "ListAuditEvents"].map((name) => OVERRIDE + name),
    ...["IsActive", "StreamIsActive", "GetMetricSpec", "GetMetrics"].map((name) => SCALER + name),
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
  ],
  report: [
    ...["ReportDemand", "ReportDemandStream", "ExchangeDemand"].map((name) => DEMAND + name),
    ...["ReportInventory", "ReportInventoryStream"].map((name) => INVENTORY + name),
  ],
  override: [
    ...["PreviewOverride", "SetOverride", "ClearOverride", "ApprovePlan"].map((name) => OVERRIDE + name),
    `${DEMAND}ForgetSource`,
    `${INVENTORY}ForgetInventorySource`,
  ],
  solve: ["Solve", "SolveStream", "Verify"].map((name) => PLACEMENT + name),
};

/** Probes ask it before they know anybody; it says whether the service serves, and nothing else. */
const HEALTH = "/grpc.health.v1.Health/";

const RIGHTS = new Map(
  Object.entries(METHODS).flatMap(([right, paths]) => paths.map((path) => [path, right as Right] as const)),
);

/**
 * The right that a method asks for. `open`: none. Undefined: nobody said, so nobody may.
 *
 * @param path `/package.Service/Method`
 */
export function rightOf(path: string): Right | "open" | undefined {
  return path.startsWith(HEALTH) ? "open" : RIGHTS.get(path);
}
