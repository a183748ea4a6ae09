import type { Plan } from "@apportion/solver";
import type { ResolvedWorld } from "../world-to-snapshot-resolve.ts";
import { rateText } from "./sentences.ts";
import type { Demand } from "./types.ts";

/** Rates closer than this, relative, are the same. */
const SAME = 1e-6;

/** Whether a plan leaves somebody short of what is asked now, while others are planned ahead. */
export function isShortOfPresent(plan: Plan, { demands }: ResolvedWorld): boolean {
  if (![...demands.values()].some(isAhead)) return false;
  return plan.workloads.some(({ name, attainment }) => {
    const demand = demands.get(name);
    return demand !== undefined && attainment * demand.perSecond < demand.nowPerSecond * (1 - SAME);
  });
}

/** Services summed up that differ by less are the same. */
const NO_GAIN = 1e-3;

/**
 * Whether more of what is asked now is served by a plan for the present than by one ahead of demand: else whoever is short is not short
 * because of anybody's headroom.
 */
export function servesMoreNow(present: Plan, ahead: Plan, resolved: ResolvedWorld, now: ResolvedWorld): boolean {
  return servedNow(present, now) > servedNow(ahead, resolved) + NO_GAIN;
}

/** Shares of present demand that are served, summed up over workloads. */
function servedNow({ workloads }: Plan, { demands }: ResolvedWorld): number {
  return workloads.reduce((sum, { name, attainment }) => {
    const demand = demands.get(name);
    if (demand === undefined || demand.nowPerSecond === 0) return sum + 1;
    return sum + Math.min(1, (attainment * demand.perSecond) / demand.nowPerSecond);
  }, 0);
}

/** What is asked now for all: nobody's headroom comes before what others need already. */
export function withPresentDemand(resolved: ResolvedWorld): ResolvedWorld {
  const demands = new Map(
    [...resolved.demands].map(([name, demand]) => [name, isAhead(demand) ? present(demand) : demand]),
  );
  return { ...resolved, demands };
}

function isAhead({ forecast, perSecond, nowPerSecond }: Demand): boolean {
  return forecast !== undefined && perSecond > nowPerSecond;
}

function present(demand: Demand): Demand {
  const { nowPerSecond } = demand;
  const basis = `${demand.basis}; devices are too few for what all ask now, so ${rateText(nowPerSecond)} is planned for`;
  return { ...demand, perSecond: nowPerSecond, basis };
}
