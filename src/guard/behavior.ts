import type { Note } from "../domain/reason-codes.ts";
import type { VariantMemory } from "../snapshot/world/memory.ts";
import type { Behavior, BehaviorPolicy, ScalingRules } from "../snapshot/world/types.ts";

/**
 * `autoscaling/v2` behavior (KEP-853; configurable tolerance KEP-4951) as bounds.
 *
 * A HorizontalPodAutoscaler computes a recommendation r from metrics, stabilizes it over windows, then limits its rate.
 * With n = current replicas, U = the lowest earlier recommendation inside the scale-up window, D = the highest inside the
 * scale-down window, its stabilized result is
 *
 *     min(U, r) where that is above n;  max(D, r) where that is below n;  else n
 *
 * and that is r clipped to [min(n, D), max(n, U)]. The rates clip it again, to [min(n, down limit), max(n, up limit)].
 * So history alone gives an interval in which every result lies, and the interval can bound a solve. Here r is what the
 * plan without these bounds would give the variant: where every r lies inside its interval, that plan stands as it is;
 * otherwise the problem is solved again inside the intervals. What is recorded for later windows is r, never the result:
 * a recommendation that echoed its own bound would never age.
 */
export interface BehaviorRange {
  min: number;
  max: number;
  /** Why `min` is not 0 and `max` not unbounded. */
  minNote?: Note;
  maxNote?: Note;
}

type History = Pick<VariantMemory, "recommendations" | "scaleEvents">;

/** The interval of results that history allows now; `max` may be Infinity. */
export function behaviorRange(behavior: Behavior, current: number, history: History, nowMs: number): BehaviorRange {
  const { scaleUp, scaleDown } = behavior;
  const lowest = Math.min(...recommendationsSince(history, current, scaleUp, nowMs));
  const highest = Math.max(...recommendationsSince(history, current, scaleDown, nowMs));
  const upLimit = rateLimit(scaleUp, current, history, nowMs, UP);
  // A percentage of nothing is nothing: the first replica may always start, as KEDA's activation has it.
  const wake = current === 0 && scaleUp.selectPolicy !== "Disabled" ? 1 : 0;
  const downLimit = rateLimit(scaleDown, current, history, nowMs, DOWN);
  const stableMax = Math.max(current, lowest);
  const stableMin = Math.max(0, Math.min(current, highest));
  const rateMax = Math.max(current, upLimit, wake);
  const rateMin = Math.max(0, Math.min(current, downLimit));
  return {
    min: Math.max(stableMin, rateMin),
    max: Math.min(stableMax, rateMax),
    ...(stableMin === 0 && rateMin === 0 ? {} : { minNote: minNote(stableMin, rateMin, scaleDown) }),
    ...(Math.min(stableMax, rateMax) === Number.POSITIVE_INFINITY
      ? {}
      : { maxNote: maxNote(stableMax, rateMax, scaleUp) }),
  };
}

/**
 * The recommendation with the tolerance applied: a relative change of at most `tolerance` is no change. From or to zero
 * every change counts.
 */
export function withinTolerance(behavior: Behavior, current: number, recommended: number): boolean {
  if (current === 0 || recommended === 0 || recommended === current) return false;
  const ratio = recommended / current;
  return ratio > 1 ? ratio <= 1 + behavior.scaleUp.tolerance : ratio >= 1 - behavior.scaleDown.tolerance;
}

/** The published algorithm for one recommendation: tolerance, stabilization, rates. */
export function behaved(
  behavior: Behavior,
  current: number,
  recommended: number,
  history: History,
  nowMs: number,
): number {
  if (withinTolerance(behavior, current, recommended)) return current;
  const { min, max } = behaviorRange(behavior, current, history, nowMs);
  return Math.min(Math.max(recommended, min), max);
}

/** The first recommendation of all is the current count: a restart neither drops nor jumps. */
export function recommendationsOf(history: History, current: number, nowMs: number): History["recommendations"] {
  return history.recommendations.length > 0 ? history.recommendations : [{ atMs: nowMs, replicas: current }];
}

function recommendationsSince(history: History, current: number, rules: ScalingRules, nowMs: number): number[] {
  const cutoff = nowMs - rules.stabilizationWindowSeconds * 1000;
  return recommendationsOf(history, current, nowMs)
    .filter(({ atMs }) => atMs > cutoff)
    .map(({ replicas }) => replicas);
}

interface Direction {
  propose(periodStart: number, policy: BehaviorPolicy): number;
  /** Of all policies: the one that lets most happen, and the one that lets least happen. */
  most(...limits: number[]): number;
  least(...limits: number[]): number;
}

const UP: Direction = {
  // Rounded up, so that a percentage of few replicas is not nothing.
  propose: (start, { type, value }) => (type === "Pods" ? start + value : Math.ceil(start * (1 + value / 100))),
  most: Math.max,
  least: Math.min,
};

const DOWN: Direction = {
  propose: (start, { type, value }) => (type === "Pods" ? start - value : Math.trunc(start * (1 - value / 100))),
  most: Math.min,
  least: Math.max,
};

/** Count that the rate policies allow; without a policy any. */
function rateLimit(
  rules: ScalingRules,
  current: number,
  history: History,
  nowMs: number,
  direction: Direction,
): number {
  if (rules.selectPolicy === "Disabled") return current;
  if (rules.policies.length === 0) return direction.most(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const limits = rules.policies.map((policy) => {
    const periodStart = current - changeSince(history, nowMs - policy.periodSeconds * 1000);
    return direction.propose(periodStart, policy);
  });
  return rules.selectPolicy === "Min" ? direction.least(...limits) : direction.most(...limits);
}

function changeSince(history: History, cutoffMs: number): number {
  return history.scaleEvents.reduce((sum, { atMs, change }) => (atMs > cutoffMs ? sum + change : sum), 0);
}

function minNote(stable: number, rate: number, rules: ScalingRules): Note {
  if (rate > stable) return { code: "ScaleDownLimit", sentence: `its rate policies let it go down to ${rate} now` };
  const sentence = `${stable} was recommended within the last ${rules.stabilizationWindowSeconds} s`;
  return { code: "ScaleDownStabilized", sentence };
}

function maxNote(stable: number, rate: number, rules: ScalingRules): Note {
  if (rate < stable) return { code: "ScaleUpLimit", sentence: `its rate policies let it go up to ${rate} now` };
  const sentence = `only ${stable} was recommended throughout the last ${rules.stabilizationWindowSeconds} s`;
  return { code: "ScaleUpStabilized", sentence };
}
