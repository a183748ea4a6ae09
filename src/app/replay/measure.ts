import type { Arrival, ServedRequest } from "../../simulation/cluster/types.ts";
import { quantileOfSorted } from "../../simulation/quantile.ts";
import type { SloTargets } from "../../snapshot/profile.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import type { ClassOutcome, MinutePoint, Percentiles } from "./types.ts";

const MINUTE_MS = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

interface WorkloadTally {
  name: string;
  requests: number;
  inside: number;
  insideTtft: number;
  insideTpot: number;
  unanswered: number;
  ttftMs: number[];
  tpotMs: number[];
}

/** What became of every request. */
export class Measure {
  readonly #simulation: Simulation;
  readonly #slos: Map<string, SloTargets>;
  readonly #tallies: Map<string, WorkloadTally>;
  readonly minutes: MinutePoint[];

  constructor(simulation: Simulation, arrivals: readonly Arrival[]) {
    this.#simulation = simulation;
    const classes = new Map(simulation.classes.map(({ name, slo }) => [name, slo]));
    this.#slos = new Map(simulation.workloads.map((workload) => [workload.name, classes.get(workload.class)!]));
    this.#tallies = new Map(simulation.workloads.map(({ name }) => [name, emptyTally(name)]));
    const count = Math.ceil((simulation.durationSeconds * 1000) / MINUTE_MS);
    this.minutes = Array.from({ length: count }, () => ({ requests: 0, inside: 0, devices: 0 }));
    for (const { atMs } of arrivals) this.minutes[Math.floor(atMs / MINUTE_MS)]!.requests++;
  }

  served({ workload, arrivalMs, ttftMs, tpotMs, endToEndMs }: ServedRequest): void {
    const tally = this.#tallies.get(workload)!;
    const slo = this.#slos.get(workload)!;
    const [ttft, tpot] = [isWithin(ttftMs, slo.ttftMs), isWithin(tpotMs, slo.tpotMs ?? slo.itlMs)];
    tally.requests++;
    if (endToEndMs === NEVER) tally.unanswered++;
    if (ttft) tally.insideTtft++;
    if (tpot) tally.insideTpot++;
    if (ttft && tpot && isWithin(endToEndMs, slo.endToEndMs)) {
      tally.inside++;
      this.minutes[Math.floor(arrivalMs / MINUTE_MS)]!.inside++;
    }
    tally.ttftMs.push(ttftMs);
    tally.tpotMs.push(tpotMs);
  }

  /** Requests of a workload that nobody has answered by the end. */
  unanswered(workload: string, count: number): void {
    const never = { workload, variant: "", arrivalMs: 0, inputTokens: 1, outputTokens: 1 };
    for (let i = 0; i < count; i++) this.served({ ...never, ttftMs: NEVER, tpotMs: NEVER, endToEndMs: NEVER });
  }

  classes(): ClassOutcome[] {
    return this.#simulation.classes.flatMap(({ name, priority }): ClassOutcome[] => {
      const own = this.#simulation.workloads
        .filter((workload) => workload.class === name)
        .map((workload) => this.#tallies.get(workload.name)!);
      if (own.length === 0) return [];
      const sum = (of: (tally: WorkloadTally) => number) => own.reduce((total, tally) => total + of(tally), 0);
      const requests = sum((tally) => tally.requests);
      const lowest = own.filter((tally) => tally.requests > 0).map((tally) => tally.inside / tally.requests);
      return [
        {
          name,
          priority,
          requests,
          insideSlo: sum((tally) => tally.inside) / requests,
          insideTtft: sum((tally) => tally.insideTtft) / requests,
          insideTpot: sum((tally) => tally.insideTpot) / requests,
          lowestWorkload: lowest.length === 0 ? Number.NaN : Math.min(...lowest),
          unanswered: sum((tally) => tally.unanswered),
          ttftMs: percentiles(own.map((tally) => tally.ttftMs)),
          tpotMs: percentiles(own.map((tally) => tally.tpotMs)),
        },
      ];
    });
  }
}

function emptyTally(name: string): WorkloadTally {
  return { name, requests: 0, inside: 0, insideTtft: 0, insideTpot: 0, unanswered: 0, ttftMs: [], tpotMs: [] };
}

/** A target of 0, or none, is met by every answer; by none where there is no answer. */
function isWithin(ms: number, targetMs: number | undefined): boolean {
  return (targetMs ?? 0) > 0 ? ms <= targetMs! : ms < NEVER;
}

function percentiles(lists: readonly number[][]): Percentiles {
  const sorted = Float64Array.from(lists.flat()).sort();
  return {
    p50: quantileOfSorted(sorted, 0.5),
    p95: quantileOfSorted(sorted, 0.95),
    p99: quantileOfSorted(sorted, 0.99),
  };
}
