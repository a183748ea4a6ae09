import { type TracedRequest, traffic } from "../../simulation/cluster/traffic.ts";
import type { Arrival } from "../../simulation/cluster/types.ts";
import type { LengthMix } from "../../snapshot/continuous-profile.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";

/** All requests of a replay, known beforehand: what they were is the truth that baselines are tuned by. */
export interface Course {
  durationMs: number;
  /** In the order of time. */
  arrivals: readonly Arrival[];
  /** Lengths of all requests of a workload; absent: none come. */
  mixes: ReadonlyMap<string, LengthMix>;
}

/** @param trace of the `trace` streams; a simulation without any needs none */
export function courseOf(simulation: Simulation, trace: readonly TracedRequest[]): Course {
  const durationMs = simulation.durationSeconds * 1000;
  const arrivals: Arrival[] = [];
  for (const arrival of traffic(simulation, trace)) {
    if (arrival.atMs >= durationMs) break;
    arrivals.push(arrival);
  }
  const byWorkload = Map.groupBy(arrivals, ({ workload }) => workload);
  return {
    durationMs,
    arrivals,
    mixes: new Map([...byWorkload].map(([workload, own]) => [workload, mixOf(own)])),
  };
}

/** Requests per second of each workload in a stretch of the course. */
export function ratesBetween({ arrivals }: Course, fromMs: number, toMs: number): Map<string, number> {
  const rates = new Map<string, number>();
  const perRequest = 1000 / Math.max(1, toMs - fromMs);
  for (let i = firstFrom(arrivals, fromMs); i < arrivals.length && arrivals[i]!.atMs < toMs; i++) {
    const { workload } = arrivals[i]!;
    rates.set(workload, (rates.get(workload) ?? 0) + perRequest);
  }
  return rates;
}

function firstFrom(arrivals: readonly Arrival[], ms: number): number {
  let [low, high] = [0, arrivals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (arrivals[middle]!.atMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mixOf(arrivals: readonly Arrival[]): LengthMix {
  const input = spread(arrivals.map(({ inputTokens }) => inputTokens));
  const output = spread(arrivals.map(({ outputTokens }) => outputTokens));
  return {
    inputTokens: input.mean,
    outputTokens: Math.max(1, output.mean),
    inputVariation: input.variation,
    outputVariation: output.variation,
  };
}

function spread(values: readonly number[]): { mean: number; variation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variation: mean > 0 ? Math.sqrt(square) / mean : 0 };
}
