import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import type { SimulatedPod } from "../../../simulation/cluster/pod.ts";
import type { SizedVariant } from "../sized-variants.ts";
import type { Controller } from "../types.ts";

/** Gauges are read so often; their highest value of the last minute counts (`max_over_time[1m]`). */
const SAMPLE_MS = 5_000;
const WINDOW_MS = 60_000;
const DECIDE_EVERY_MS = 30_000;
const KV_THRESHOLD = 0.8;
const QUEUE_THRESHOLD = 5;
const KV_SPARE_TRIGGER = 0.1;
const QUEUE_SPARE_TRIGGER = 3;

/** A ready replica as its gauges have it. */
export interface ReplicaGauges {
  /** Share of the KV cache, 0 to 1. */
  kvCacheUsage: number;
  queueLength: number;
}

/**
 * What the retired workload-variant-autoscaler of llm-d decides for a model, by its documents (docs/saturation-analyzer.md, and
 * internal/saturation/analyzer.go of version 1 of the analyzer): one more replica where the mean spare of the replicas that are not saturated falls below a
 * trigger; one less where it would stay above with one replica fewer.
 */
export function saturationStep(replicas: readonly ReplicaGauges[]): -1 | 0 | 1 {
  // No replica reports: nothing is decided.
  if (replicas.length === 0) return 0;
  const open = replicas.filter(
    ({ kvCacheUsage, queueLength }) => kvCacheUsage < KV_THRESHOLD && queueLength < QUEUE_THRESHOLD,
  );
  const count = open.length;
  const kvLoad = open.reduce((sum, { kvCacheUsage }) => sum + kvCacheUsage, 0);
  const queueLoad = open.reduce((sum, { queueLength }) => sum + queueLength, 0);
  // With all of them saturated the spare is 0.
  const spareWith = (remaining: number) =>
    remaining === 0
      ? { kv: 0, queue: 0 }
      : { kv: KV_THRESHOLD - kvLoad / remaining, queue: QUEUE_THRESHOLD - queueLoad / remaining };
  const now = spareWith(count);
  if (now.kv < KV_SPARE_TRIGGER || now.queue < QUEUE_SPARE_TRIGGER) return 1;
  if (count < 2) return 0;
  const after = spareWith(count - 1);
  return after.kv >= KV_SPARE_TRIGGER && after.queue >= QUEUE_SPARE_TRIGGER ? -1 : 0;
}

interface Variant {
  key: string;
  costPerHour: number;
  minReplicas: number;
}

/** Scales the variants of every model by saturation: the cheapest up, the most expensive down, one replica at a time. */
export class SaturationController implements Controller {
  readonly stepMs = SAMPLE_MS;
  readonly #models: Map<string, Variant[]>;
  readonly #gauges = new Map<string, { atMs: number; gauges: ReplicaGauges }[]>();

  constructor(sized: readonly SizedVariant[]) {
    const usable = sized.filter(({ capacityPerSecond }) => capacityPerSecond > 0);
    const models = Map.groupBy(usable, ({ workload }) => workload.name);
    this.#models = new Map(
      [...models].map(([model, variants]) => [
        model,
        variants.map(({ key, costPerHour, variant }) => ({ key, costPerHour, minReplicas: variant.minReplicas })),
      ]),
    );
  }

  step(cluster: SimulatedCluster): void {
    const ready = [...cluster.pods()].filter(({ phase }) => phase === "ready");
    const names = new Set(ready.map(({ name }) => name));
    for (const name of this.#gauges.keys()) if (!names.has(name)) this.#gauges.delete(name);
    for (const pod of ready) this.#sample(pod, cluster.nowMs);
    if (cluster.nowMs % DECIDE_EVERY_MS !== 0) return;
    const podsOf = Map.groupBy(ready, ({ variant }) => variant.key);
    for (const variants of this.#models.values()) this.#decide(cluster, variants, podsOf);
  }

  #sample({ name, replica, variant }: SimulatedPod, nowMs: number): void {
    const { kvCacheTokens } = variant.truth;
    const gauges = {
      kvCacheUsage: kvCacheTokens === undefined ? 0 : (replica?.kvTokens ?? 0) / kvCacheTokens,
      queueLength: replica?.waiting ?? 0,
    };
    const kept = (this.#gauges.get(name) ?? []).filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
    this.#gauges.set(name, [...kept, { atMs: nowMs, gauges }]);
  }

  #decide(cluster: SimulatedCluster, all: readonly Variant[], podsOf: Map<string, SimulatedPod[]>): void {
    const readyOf = (key: string) => podsOf.get(key)?.length ?? 0;
    // A variant without a ready replica has no gauges: it is not seen.
    const variants = all.filter(({ key }) => readyOf(key) > 0);
    // While a replica is on its way, nothing is decided for the model.
    if (variants.some(({ key }) => readyOf(key) !== cluster.askedOf(key))) return;
    const pods = variants.flatMap(({ key }) => podsOf.get(key) ?? []);
    const step = saturationStep(pods.map(({ name }) => this.#peak(name)));
    if (step === 0) return;
    const byCost = [...variants].sort((a, b) => a.costPerHour - b.costPerHour || (a.key < b.key ? -1 : 1));
    const chosen =
      step > 0 ? byCost[0] : byCost.reverse().find(({ key, minReplicas }) => readyOf(key) > Math.max(1, minReplicas));
    if (chosen !== undefined) cluster.scale(chosen.key, readyOf(chosen.key) + step);
  }

  #peak(name: string): ReplicaGauges {
    const samples = this.#gauges.get(name) ?? [];
    return {
      kvCacheUsage: Math.max(0, ...samples.map(({ gauges }) => gauges.kvCacheUsage)),
      queueLength: Math.max(0, ...samples.map(({ gauges }) => gauges.queueLength)),
    };
  }
}
