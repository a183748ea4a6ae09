/** Above this share of one replica's capacity more replicas are started: the queue of a cold start is not left to one. */
const HIGHEST_LOAD = 0.9;

/** Probability of at least one request within a time, Poisson: 1 − e^(−λT). */
export function probabilityOfArrival(ratePerSecond: number, ms: number): number {
  return -Math.expm1((-ratePerSecond * ms) / 1000);
}

/**
 * Requests that one cold start makes late: the one that causes it, and those of the time t* after it that still wait too long. A request
 * that comes t after the first waits for the rest of the start and then for those before it: S − t + λt/c. That is above the deadline d
 * until t* = (S − d)/(1 − λ/c). 0 where the start itself is inside the deadline.
 */
export function lateOfColdStart(
  ratePerSecond: number,
  startMs: number,
  deadlineMs: number,
  capacityPerSecond: number,
): number {
  const excessMs = startMs - deadlineMs;
  if (excessMs <= 0) return 0;
  const load = Math.min(HIGHEST_LOAD, ratePerSecond / capacityPerSecond);
  return 1 + (ratePerSecond * excessMs) / 1000 / (1 - load);
}

/**
 * Idle time after which zero keeps the share of late requests at ε, for Poisson arrivals. From one cold start to the next there are on
 * average 1 + λS requests up to ready and e^(λτ) − 1 until a gap is longer than τ (a gap is, with probability e^(−λτ)), so that the
 * share is L/(λS + e^(λτ)) and τ = ln(L/ε − λS)/λ. Infinite where nothing is expected: every request would then be a first one.
 */
export function idleTimeForShare(ratePerSecond: number, startMs: number, late: number, share: number): number {
  const requests = late / share - (ratePerSecond * startMs) / 1000;
  if (requests <= 1) return 0;
  return ratePerSecond > 0 ? (Math.log(requests) / ratePerSecond) * 1000 : Number.POSITIVE_INFINITY;
}
