import type { ShapedTraffic, Simulation, TraceTraffic } from "../../snapshot/simulation/types.ts";
import { Random } from "../random.ts";
import type { Arrival } from "./types.ts";

/** A request of a trace: ms since its beginning, and its tokens. */
export interface TracedRequest {
  atMs: number;
  inputTokens: number;
  outputTokens: number;
}

/**
 * All requests of a simulation in the order of time, without end. Every stream draws from a generator of its own, so that one more workload
 * changes none of the others.
 */
export function* traffic(simulation: Simulation, trace: readonly TracedRequest[]): Generator<Arrival> {
  const streams = simulation.workloads.flatMap(({ name, traffic: own }, w) =>
    own.map((part, t) => {
      const random = new Random(simulation.seed * 7919 + w * 101 + t);
      return part.type === "trace" ? traced(name, part, trace, random) : shaped(name, part, random);
    }),
  );
  yield* merged(streams);
}

/** A linear search for the next: streams are few. */
function* merged(streams: readonly Generator<Arrival>[]): Generator<Arrival> {
  const next = streams.map((stream) => stream.next().value as Arrival | undefined);
  for (;;) {
    let first = -1;
    for (let i = 0; i < next.length; i++) {
      if (next[i] !== undefined && (first < 0 || next[i]!.atMs < next[first]!.atMs)) first = i;
    }
    if (first < 0) return;
    yield next[first]!;
    next[first] = streams[first]!.next().value as Arrival | undefined;
  }
}

/** Over and over. `scale` 2.3 is every request twice, and by chance of 0.3 once more, up to a second apart. */
function* traced(
  workload: string,
  { fromSeconds, scale }: TraceTraffic,
  trace: readonly TracedRequest[],
  random: Random,
): Generator<Arrival> {
  if (trace.length === 0) return;
  const lengthMs = trace.at(-1)!.atMs + 1000;
  const fromMs = (fromSeconds * 1000) % lengthMs;
  const start = Math.max(
    0,
    trace.findIndex(({ atMs }) => atMs >= fromMs),
  );
  const due: Arrival[] = [];
  for (let i = start, roundMs = -fromMs; ; i++) {
    if (i === trace.length) [i, roundMs] = [0, roundMs + lengthMs];
    const { atMs, inputTokens, outputTokens } = trace[i]!;
    const nowMs = roundMs + atMs;
    while (due.length > 0 && due[0]!.atMs <= nowMs) yield due.shift()!;
    const copies = Math.floor(scale) + (random.next() < scale % 1 ? 1 : 0);
    for (let copy = 0; copy < copies; copy++) {
      due.push({ atMs: nowMs + (copy === 0 ? 0 : 1000 * random.next()), workload, inputTokens, outputTokens });
    }
    due.sort((a, b) => a.atMs - b.atMs);
  }
}

/** A Poisson stream of a rate that changes, by thinning (Lewis and Shedler, Naval Research Logistics 1979). */
function* shaped(workload: string, shape: ShapedTraffic, random: Random): Generator<Arrival> {
  const most = Math.max(shape.ratePerSecond, shape.type === "steady" ? 0 : shape.peakPerSecond);
  if (!(most > 0)) return;
  for (let atMs = 0; ; ) {
    atMs += (1000 * random.exponential()) / most;
    if (random.next() * most >= rateAt(shape, atMs / 1000)) continue;
    yield {
      atMs,
      workload,
      inputTokens: tokens(random.logNormal(shape.inputTokens, shape.inputVariation)),
      outputTokens: tokens(random.logNormal(shape.outputTokens, shape.outputVariation)),
    };
  }
}

/** Requests per second at a time, seconds. */
export function rateAt(shape: ShapedTraffic, seconds: number): number {
  const { type, ratePerSecond: low, peakPerSecond: peak, periodSeconds, burstSeconds } = shape;
  switch (type) {
    case "steady":
      return low;
    case "diurnal":
      return low + ((peak - low) * (1 - Math.cos((2 * Math.PI * seconds) / periodSeconds))) / 2;
    case "ramp":
      return low + (peak - low) * Math.min(1, seconds / periodSeconds);
    case "burst": {
      const into = seconds % periodSeconds;
      return into >= periodSeconds / 2 && into < periodSeconds / 2 + burstSeconds ? peak : low;
    }
  }
}

const tokens = (length: number): number => Math.max(1, Math.round(length));
