import type { TokenMix } from "../snapshot/profile.ts";
import type { World, WorldDemand, WorldVariant } from "../snapshot/world/types.ts";

/** Reports from further ahead come from a clock that cannot be trusted: they would never turn stale. */
const FUTURE_TOLERANCE_MS = 60_000;

/**
 * What is asked of one workload.
 * - `all`: every source has reported in time, or the resource states its demand and no source reports.
 * - `some`: at least one source is stale: the demand is at least `perSecond`.
 * - `none`: nobody knows; `perSecond` is what was last known (0 where nothing was), for people.
 */
export interface Demand {
  known: "all" | "some" | "none";
  perSecond: number;
  tokenMix?: TokenMix;
  /** Sources that are stale, by name. */
  staleSources: string[];
}

/** Demand of every workload that a variant serves. Sources add up; the token mix is that of all requests together. */
export function demands(world: World): Map<string, Demand> {
  const reports = Map.groupBy(world.demands, (demand) => demand.workload);
  const variantsOf = Map.groupBy(world.variants, (variant) => variant.workload);
  return new Map(
    [...variantsOf].map(([workload, variants]) => [workload, demandOf(world, reports.get(workload) ?? [], variants)]),
  );
}

function demandOf(world: World, reports: readonly WorldDemand[], variants: readonly WorldVariant[]): Demand {
  const all = newestBySource(reports);
  const fresh = all.filter((report) => isFresh(world, report));
  // While nobody reports in time, even what was said long ago is held: nothing is known to have taken its place.
  const newest = fresh.length === 0 ? all : all.filter((report) => !isForgotten(world, report));
  const staleSources = newest.filter((report) => !isFresh(world, report)).map((report) => report.source);
  const used = fresh.length > 0 ? fresh : newest;
  const mix = mixOf(used) ?? statedMix(variants);
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
function stated(variants: readonly WorldVariant[]): Pick<Demand, "known" | "perSecond"> {
  const rates = variants.flatMap((variant) => variant.demandPerSecond ?? []);
  return rates.length > 0 ? { known: "all", perSecond: Math.max(...rates) } : { known: "none", perSecond: 0 };
}

function mixOf(reports: readonly WorldDemand[]): TokenMix | undefined {
  const told = reports.filter((report) => report.tokenMix !== undefined);
  const rate = told.reduce((sum, report) => sum + report.ratePerSecond, 0);
  if (rate <= 0) return told[0]?.tokenMix;
  const mean = (of: keyof TokenMix) =>
    told.reduce((sum, report) => sum + report.ratePerSecond * (report.tokenMix?.[of] ?? 0), 0) / rate;
  return { inputTokens: mean("inputTokens"), outputTokens: mean("outputTokens") };
}

function statedMix(variants: readonly WorldVariant[]): TokenMix | undefined {
  return [...variants].sort((a, b) => (a.key < b.key ? -1 : 1)).find((variant) => variant.tokenMix !== undefined)
    ?.tokenMix;
}
