import { status } from "@grpc/grpc-js";
import type * as message from "../../gen/apportion/v1/fleet.ts";
import type { PlanSummary } from "../../ports/live.ts";
import type { FleetReport, PoolReport, WaitingReplica, WorkloadReport } from "../../status/fleet-report.ts";
import { CallError } from "./call-error.ts";
import { modeMessage } from "./live-messages.ts";

export function fleetMessage(report: FleetReport): message.GetFleetResponse {
  return {
    takenAt: new Date(report.takenAtMs),
    revision: BigInt(report.revision),
    pools: report.pools.map(poolMessage),
    workloads: report.workloads.map(workloadMessage),
    waiting: report.waiting.map(waitingMessage),
  };
}

function poolMessage({ distrusted, ...pool }: PoolReport): message.FleetPool {
  return {
    ...pool,
    distrusted: distrusted.map(({ devices, reason, probeAtMs }) => ({ devices, reason, probeAt: new Date(probeAtMs) })),
  };
}

const KNOWN: Record<WorkloadReport["demandKnown"], message.DemandKnowledge> = {
  all: "DEMAND_KNOWLEDGE_ALL",
  some: "DEMAND_KNOWLEDGE_SOME",
  none: "DEMAND_KNOWLEDGE_NONE",
};

function workloadMessage({ demandKnown, ...workload }: WorkloadReport): message.FleetWorkload {
  return {
    ...workload,
    demandKnown: KNOWN[demandKnown],
    ttftMs: workload.ttftMs,
    itlMs: workload.itlMs,
    percentile: workload.percentile ?? 0,
    forecast: workload.forecast === undefined ? undefined : forecastMessage(workload.forecast),
  };
}

function forecastMessage({ atMs, ...forecast }: NonNullable<WorkloadReport["forecast"]>): message.DemandForecast {
  const { medianPerSecond, lowerPerSecond, upperPerSecond, plannedPerSecond, quantile, model } = forecast;
  const rates = { medianPerSecond, lowerPerSecond, upperPerSecond, plannedPerSecond };
  return { ...rates, quantile, at: new Date(atMs), model };
}

function waitingMessage({ sinceMs, expectedReadyAtMs, ...replica }: WaitingReplica): message.WaitingReplica {
  return {
    ...replica,
    since: new Date(sinceMs),
    expectedReadyAt: expectedReadyAtMs === undefined ? undefined : new Date(expectedReadyAtMs),
  };
}

const DEFAULT_PLANS = 100;
const MAX_PLANS = 1000;

/** @throws CallError INVALID_ARGUMENT */
export function plansLimit({ limit }: message.ListPlansRequest): number {
  if (limit >= 0 && limit <= MAX_PLANS) return limit === 0 ? DEFAULT_PLANS : limit;
  throw new CallError(status.INVALID_ARGUMENT, `limit: ${limit} is not from 0 to ${MAX_PLANS}; ask for fewer plans`);
}

export function planSummaryMessage({ plannedAtMs, ...summary }: PlanSummary): message.PlanSummary {
  return {
    ...summary,
    revision: BigInt(summary.revision),
    plannedAt: new Date(plannedAtMs),
    mode: modeMessage(summary.mode),
    heldBecause: summary.heldBecause ?? "",
  };
}
