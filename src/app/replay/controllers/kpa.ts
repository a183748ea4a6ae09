import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import type { Simulation } from "../../../snapshot/simulation/types.ts";
import { mostReplicas } from "../most-replicas.ts";
import type { SizedVariant } from "../sized-variants.ts";
import type { Controller } from "../types.ts";

/** Defaults of Knative Serving's `config-autoscaler`. */
const SAMPLE_MS = 1_000;
const TICK_MS = 2_000;
const STABLE_WINDOW_MS = 60_000;
/** `panic-window-percentage` 10. */
const PANIC_WINDOW_MS = 6_000;
/** `panic-threshold-percentage` 200. */
const PANIC_THRESHOLD = 2;
const MAX_SCALE_UP_RATE = 1000;
const MAX_SCALE_DOWN_RATE = 2;
/** `container-concurrency-target-percentage` 70. */
const TARGET_UTILIZATION = 0.7;

/** What the last two windows say of the requests in the system, on average. */
export interface Observed {
  stable: number;
  panic: number;
}

/**
 * The scale of one revision, after Knative Serving's autoscaler (knative/serving pkg/autoscaler/scaling/autoscaler.go, and its documentation "KPA
 * specific"): ⌈mean concurrency / target⌉ over the stable window, within the rates; while the panic window asks for twice what is ready, and
 * for a stable window after, the larger of both windows, and never less than before.
 */
export class PodAutoscaler {
  readonly #target: number;
  #panicSinceMs: number | undefined;
  #mostInPanic: number;

  /** @param target requests in one replica @param ready replicas at the beginning: with more than one it begins in panic mode */
  constructor(target: number, ready: number) {
    this.#target = target;
    this.#mostInPanic = ready;
    this.#panicSinceMs = ready > 1 ? 0 : undefined;
  }

  desired(ready: number, { stable, panic }: Observed, nowMs: number): number {
    const present = Math.max(1, ready);
    const most = Math.ceil(MAX_SCALE_UP_RATE * present);
    const least = Math.floor(present / MAX_SCALE_DOWN_RATE);
    const within = (count: number) => Math.min(Math.max(count, least), most);
    const forPanic = Math.ceil(panic / this.#target);
    const stableCount = within(Math.ceil(stable / this.#target));
    if (forPanic / present >= PANIC_THRESHOLD) this.#panicSinceMs = nowMs;
    else if (this.#panicSinceMs !== undefined && this.#panicSinceMs + STABLE_WINDOW_MS < nowMs) {
      this.#panicSinceMs = undefined;
      this.#mostInPanic = 0;
    }
    if (this.#panicSinceMs === undefined) return stableCount;
    this.#mostInPanic = Math.max(this.#mostInPanic, stableCount, within(forPanic));
    return this.#mostInPanic;
  }
}

interface Revision {
  key: string;
  workload: string;
  least: number;
  most: number;
  scaler: PodAutoscaler;
  /** Requests in the system, one sample a second, newest last. */
  samples: number[];
}

/** One autoscaler for the first variant of each workload, on all requests in the system. It never goes to zero: `min-scale` is 1. */
export class KpaController implements Controller {
  readonly stepMs = SAMPLE_MS;
  readonly #revisions: Revision[];

  constructor(simulation: Simulation, sized: readonly SizedVariant[]) {
    this.#revisions = sized
      .filter(({ concurrency }) => concurrency > 0)
      .map(({ key, workload, variant, concurrency }) => ({
        key,
        workload: workload.name,
        least: Math.max(1, variant.minReplicas),
        most: mostReplicas(simulation, variant),
        scaler: new PodAutoscaler(TARGET_UTILIZATION * concurrency, variant.initialReplicas),
        samples: [],
      }));
  }

  step(cluster: SimulatedCluster): void {
    for (const revision of this.#revisions) {
      const gateway = cluster.gateways.get(revision.workload)!;
      revision.samples.push(gateway.open);
      if (revision.samples.length > STABLE_WINDOW_MS / SAMPLE_MS) revision.samples.shift();
      if (cluster.nowMs % TICK_MS !== 0) continue;
      const ready = gateway.readyPods.length;
      const { samples, scaler, least, most, key } = revision;
      const observed = { stable: mean(samples), panic: mean(samples.slice(-PANIC_WINDOW_MS / SAMPLE_MS)) };
      const desired = Math.min(most, Math.max(least, scaler.desired(ready, observed, cluster.nowMs)));
      if (desired !== cluster.askedOf(key)) cluster.scale(key, desired);
    }
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
