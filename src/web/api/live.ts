import { signal } from "@preact/signals";
import { noEarlierThan } from "../now.ts";
import { CallError, call, stream } from "./client.ts";
import type { DemandJson, FleetJson, OverrideJson, StatusJson, SummaryJson } from "./types.ts";

const PLACEMENT = "apportion.v1.PlacementService";
const OVERRIDE = "apportion.v1.OverrideService";

/** Everything that the views show, as the service last told it. */
export const status = signal<StatusJson | undefined>(undefined);
export const fleet = signal<FleetJson | undefined>(undefined);
export const plans = signal<SummaryJson[]>([]);
export const overrides = signal<OverrideJson[]>([]);
export const demand = signal<DemandJson | undefined>(undefined);

export type Connection = { state: "connecting" | "live" } | { state: "lost" | "refused" | "waiting"; why: string };

export const connection = signal<Connection>({ state: "connecting" });

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
/** The service says something at least every ten seconds. */
const PLANS_SHOWN = 240;

/** Follows the service until the page goes: every new plan brings all else with it. */
export async function follow(signal: AbortSignal): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      for await (const _plan of stream(`${PLACEMENT}/WatchPlan`, {}, signal)) {
        await refresh(signal);
        connection.value = { state: "live" };
        retryMs = FIRST_RETRY_MS;
      }
      connection.value = { state: "lost", why: "the service ended the stream" };
    } catch (error) {
      if (signal.aborted) return;
      connection.value = lostBy(error);
      if (connection.value.state === "refused") return;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  }
}

function lostBy(error: unknown): Connection {
  if (!(error instanceof CallError)) return { state: "lost", why: String(error) };
  if (error.code === "unauthenticated" || error.code === "permission_denied") {
    return { state: "refused", why: error.message };
  }
  return { state: error.code === "unavailable" ? "waiting" : "lost", why: error.message };
}

/** Asks for all of it anew. @throws CallError */
export async function refresh(signal?: AbortSignal): Promise<void> {
  const [newStatus, newFleet, newPlans, newOverrides, newDemand] = await Promise.all([
    call<StatusJson>(`${PLACEMENT}/GetStatus`, {}, signal),
    call<FleetJson>(`${PLACEMENT}/GetFleet`, {}, signal),
    call<{ plans: SummaryJson[] }>(`${PLACEMENT}/ListPlans`, { limit: PLANS_SHOWN }, signal),
    call<{ overrides: OverrideJson[] }>(`${OVERRIDE}/ListOverrides`, {}, signal),
    call<DemandJson>("apportion.v1.DemandService/ListDemand", {}, signal),
  ]);
  noEarlierThan(newStatus.lastCycleAt);
  for (const { receivedAt } of newDemand.sources) noEarlierThan(receivedAt);
  status.value = newStatus;
  fleet.value = newFleet;
  plans.value = newPlans.plans;
  overrides.value = newOverrides.overrides;
  demand.value = newDemand;
}
