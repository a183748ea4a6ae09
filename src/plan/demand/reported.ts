import { combinedLengths, withShapeOf } from "../../model/sizing/combined-lengths.ts";
import type { TokenMix } from "../../snapshot/profile.ts";
import type { World, WorldDemand, WorldVariant } from "../../snapshot/world/types.ts";
import type { Demand } from "./types.ts";

/** Reports from further ahead come from a clock that cannot be trusted: they would never turn stale. */
const FUTURE_TOLERANCE_MS = 60_000;

/** Reports of one workload, added up: before any forecast. The token mix is that of all requests together. */
export interface ReportedDemand {
  known: Demand["known"];
  perSecond: number;
  tokenMix?: TokenMix;
  /** Sources that are stale, by name. */
  staleSources: string[];
}

/** @param variants of the workload: what they state counts where nobody reports. @param reports of the workload */
export function reportedDemand(
  world: World,
  variants: readonly WorldVariant[],
  reports: readonly WorldDemand[],
): ReportedDemand {
  const all = newestBySource(reports);
  const fresh = all.filter((report) => isFresh(world, report));
  // While nobody reports in time, even what was said long ago is held: nothing is known to have taken its place.
  const newest = fresh.length === 0 ? all : all.filter((report) => !isForgotten(world, report));
  const staleSources = newest.filter((report) => !isFresh(world, report)).map((report) => report.source);
  const used = fresh.length > 0 ? fresh : newest;
  const mix = withShapeOf(mixOf(used), statedMix(variants));
  const withMix = mix === undefined ? {} : { tokenMix: mix };
  if (newest.length === 0) return { ...stated(variants), ...withMix, staleSources };
  const perSecond = used.reduce((sum, report) => sum + report.ratePerSecond, 0);
  const known = staleSources.length === 0 ? "all" : fresh.length > 0 ? "some" : "none";
  return { known, perSecond, ...withMix, staleSources };
}

/** In order of source, so that sums do not depend on the order of reports. */
function newestBySource(reports: readonly WorldDemand[]): WorldDemand[] {
  const newest = new Map<string, WorldDemand>();
  for (const report of reports) {
    const known = newest.get(report.source);
    if (known === undefined || report.reportedAtMs > known.reportedAtMs) newest.set(report.source, report);
  }
  return [...newest.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

function isFresh(world: World, report: WorldDemand): boolean {
  const age = world.takenAtMs - report.reportedAtMs;
  return age <= world.policy.demandStaleAfterMs && age >= -FUTURE_TOLERANCE_MS;
}

/** A source that was retired, and that nobody told the service of. */
function isForgotten({ policy, takenAtMs }: World, report: WorldDemand): boolean {
  const { demandForgetAfterMs = Number.POSITIVE_INFINITY, demandStaleAfterMs } = policy;
  return takenAtMs - report.reportedAtMs > Math.max(demandForgetAfterMs, demandStaleAfterMs);
}

/** Variants of one workload that state its demand should agree; where they do not, the highest is safe. */
function stated(variants: readonly WorldVariant[]): Pick<ReportedDemand, "known" | "perSecond"> {
  const rates = variants.flatMap((variant) => variant.demandPerSecond ?? []);
  return rates.length > 0 ? { known: "all", perSecond: Math.max(...rates) } : { known: "none", perSecond: 0 };
}

function mixOf(reports: readonly WorldDemand[]): TokenMix | undefined {
  const told = reports.filter((report) => report.tokenMix !== undefined);
  return combinedLengths(
    told.flatMap(({ ratePerSecond, tokenMix }) =>
      tokenMix === undefined ? [] : [{ weight: ratePerSecond, mix: tokenMix }],
    ),
  );
}

export function statedMix(variants: readonly WorldVariant[]): TokenMix | undefined {
  return [...variants].sort((a, b) => (a.key < b.key ? -1 : 1)).find((variant) => variant.tokenMix !== undefined)
    ?.tokenMix;
}
