import type { ServingVariant } from "./types.ts";

/** Replicas that do `perSecond` together, from `readyInMs` on. */
interface Supply {
  perSecond: number;
  readyInMs: number;
}

/** What present replicas will do, ready ones and those on their way. */
export function supplyOf(
  variants: readonly ServingVariant[],
  capacities: ReadonlyMap<string, number>,
): readonly Supply[] {
  return variants.flatMap(({ name, readyReplicas, comingInMs }) => {
    const capacity = capacities.get(name) ?? 0;
    const coming = comingInMs.map((readyInMs) => ({ perSecond: capacity, readyInMs: Math.max(0, readyInMs) }));
    return [{ perSecond: capacity * readyReplicas, readyInMs: 0 }, ...coming];
  });
}

/** The longest, since the plan may choose any variant that can be used. */
export function startTimeMs(variants: readonly ServingVariant[], capacities: ReadonlyMap<string, number>): number {
  return Math.max(0, ...variants.filter(({ name }) => capacities.has(name)).map(({ startMs }) => startMs));
}

export interface RequiredRate {
  perSecond: number;
  /** Work over what present replicas do of it in the window; 0 without work, at most 1,000. */
  urgency: number;
  /** New replicas would be ready too late to help within the window. */
  late: boolean;
}

/** Beyond this the number says no more than "far too few". */
const MOST_URGENT = 1000;
const SHORTEST_MS = 1000;

export interface WorkWindow {
  /** Time that is left for the work. */
  leftMs: number;
  /** Time in which new replicas are to do what they cannot do in time. */
  lateMs: number;
  /** Time from asking for a replica to its being ready. */
  startMs: number;
  /** New replicas that would have less time than this to work are too late. */
  leastUsefulMs: number;
}

/**
 * Rate of all replicas together that does `work` items in the time T that is left. Present replicas do W₀ = Σ c·(T − ready in)⁺ of it. Is
 * that enough, the rate is theirs, scaled by work/W₀; is it not, new ones have T − S left for the rest: Σ c + (work − W₀)/(T − S). Once
 * they are on their way they count in W₀, so that nothing is asked for twice. Where S leaves no time, the rest is to be done in `lateMs`.
 */
export function requiredRate(work: number, window: WorkWindow, supply: readonly Supply[]): RequiredRate {
  const { leftMs, lateMs, startMs, leastUsefulMs } = window;
  const total = supply.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const done = supply.reduce((sum, { perSecond, readyInMs }) => sum + perSecond * secondsLeft(leftMs, readyInMs), 0);
  if (work <= 0) return { perSecond: 0, urgency: 0, late: false };
  const urgency = Math.min(MOST_URGENT, work / done);
  if (work <= done) return { perSecond: total * (work / done), urgency, late: false };
  const usefulMs = leftMs - startMs;
  const late = usefulMs < Math.max(SHORTEST_MS, leastUsefulMs);
  const seconds = Math.max(SHORTEST_MS, late ? lateMs : usefulMs) / 1000;
  return { perSecond: total + (work - done) / seconds, urgency, late };
}

function secondsLeft(leftMs: number, readyInMs: number): number {
  return Math.max(0, leftMs - readyInMs) / 1000;
}
