import type { Backtest } from "./backtest.ts";
import { type Residuals, residualQuantile } from "./residuals.ts";
import type { DemandQuantiles, TrackState } from "./types.ts";

/** Quantiles of what the backtest expects, none below 0, with the correction of the ask where there is one. */
export function quantilesOf(of: Backtest, q: number, track: TrackState | undefined): DemandQuantiles {
  const at = (level: number) => Math.max(0, of.expected + residualQuantile(of.residuals, level));
  const median = at(0.5);
  const quantile = Math.max(q >= 0.5 ? median : 0, givenQuantile(of, q, track));
  const [low, high] = q >= 0.5 ? [1 - q, q] : [q, 1 - q];
  return {
    median,
    quantile,
    lower: Math.min(at(low), median, quantile),
    upper: Math.max(at(high), median, quantile),
    model: of.model,
    coverage: { asked: q, measured: coverageOf(track), samples: Math.round(track?.checked ?? 0) },
  };
}

/** The quantile that is planned with, and later checked. */
export function givenQuantile(of: Backtest, q: number, track: TrackState | undefined): number {
  return Math.max(0, of.expected + residualQuantile(of.residuals, q) + (track?.correction ?? 0));
}

/** NaN while nothing was checked. */
function coverageOf(track: TrackState | undefined): number {
  return track === undefined || track.checked === 0 ? Number.NaN : track.held / track.checked;
}

/** Mean absolute deviation from the median: the unit of corrections. */
export function spreadOf(residuals: Residuals): number {
  const median = residualQuantile(residuals, 0.5);
  let sum = 0;
  residuals.values.forEach((value, i) => {
    sum += residuals.weights[i]! * Math.abs(value - median);
  });
  return residuals.total === 0 ? 0 : sum / residuals.total;
}
