import { type LaneLoad, laneLoad } from "./load.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import type { Tail } from "./targets.ts";

/** A rate found is right within this share of the highest rate: far below what the model is right within. */
const RATE_TOLERANCE = 3e-3;
const MAX_STEPS = 40;
/** Shares of the saturation rate between which rates are searched. */
const LOWEST = 1e-4;
export const HIGHEST = 0.97;

/** ln of P(latency > target) over what is allowed; rises with the rate. */
function excess(constants: ReplicaConstants, load: LaneLoad, tail: Tail, target: number, allowed: number): number {
  return Math.log(Math.max(tail(constants, load, target), 1e-9) / allowed);
}

/**
 * The highest share of `saturation` (rate per ms) at which P(latency > target) is at most `allowed`; −1 where none is. False position
 * with bisection where it stalls (Illinois): a handful of steps.
 */
export function highestShare(
  constants: ReplicaConstants,
  load: LaneLoad,
  saturation: number,
  tail: Tail,
  target: number,
  allowed: number,
  from = HIGHEST,
): number {
  let high = from;
  laneLoad(constants, high * saturation, saturation, load);
  let above = excess(constants, load, tail, target, allowed);
  if (above <= 0) return high;
  let low = LOWEST;
  laneLoad(constants, low * saturation, saturation, load);
  let below = excess(constants, load, tail, target, allowed);
  if (below > 0) return -1;
  // Far ends of the scale would pull the line away from the root.
  above = Math.min(above, 3);
  below = Math.max(below, -3);
  for (let step = 0; step < MAX_STEPS && high - low > RATE_TOLERANCE * high; step++) {
    const middle = step % 3 === 2 ? (low + high) / 2 : (low * above - high * below) / (above - below);
    laneLoad(constants, middle * saturation, saturation, load);
    const at = excess(constants, load, tail, target, allowed);
    if (at > 0) {
      high = middle;
      above = Math.min(at, 3);
      below /= 2;
    } else {
      low = middle;
      below = Math.max(at, -3);
      above /= 2;
    }
  }
  return low;
}

/** The latency that is exceeded with probability `allowed` at a load, ms. */
export function quantile(constants: ReplicaConstants, load: LaneLoad, tail: Tail, allowed: number): number {
  let high = constants.baseMs;
  for (let i = 0; i < 200 && tail(constants, load, high) > allowed; i++) high *= 2;
  let low = 0;
  for (let i = 0; i < 60 && high - low > 1e-7 * high; i++) {
    const middle = (low + high) / 2;
    if (tail(constants, load, middle) > allowed) low = middle;
    else high = middle;
  }
  return high;
}
