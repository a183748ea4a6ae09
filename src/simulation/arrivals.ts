import type { Random } from "./random.ts";

/**
 * When requests arrive. Gamma: independent gaps with that coefficient of variation (1 is Poisson, above it bursts). Given: at these
 * times (ms, not descending), whatever the rate.
 */
export type ArrivalProcess =
  | { kind: "poisson" }
  | { kind: "deterministic" }
  | { kind: "gamma"; variation: number }
  | { kind: "given"; timesMs: readonly number[] };

export type DrawnArrivals = Exclude<ArrivalProcess, { kind: "given" }>;

/** Time between two arrivals in units of the mean gap. */
export function drawGap(process: DrawnArrivals, random: Random): number {
  switch (process.kind) {
    case "poisson":
      return random.exponential();
    case "deterministic":
      return 1;
    case "gamma":
      return random.gamma(process.variation);
  }
}
