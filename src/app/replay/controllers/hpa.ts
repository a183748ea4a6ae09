import { behaved } from "../../../guard/behavior.ts";
import { recordedVariant } from "../../../guard/memory.ts";
import { podMetricReplicas } from "../../../model/serving/metric-replicas.ts";
import { groupPods } from "../../../model/serving/pod-groups.ts";
import { averageValueReading } from "../../../model/serving/usage-ratio.ts";
import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import type { SimulatedPod } from "../../../simulation/cluster/pod.ts";
import type { PodMetric, PodSample } from "../../../snapshot/serving-signals.ts";
import type { Simulation } from "../../../snapshot/simulation/types.ts";
import type { VariantMemory } from "../../../snapshot/world/memory.ts";
import type { Behavior } from "../../../snapshot/world/types.ts";
import { mostReplicas } from "../most-replicas.ts";
import type { SizedVariant } from "../sized-variants.ts";
import type { Controller } from "../types.ts";

/** `--horizontal-pod-autoscaler-sync-period`. */
const SYNC_MS = 15_000;
/** `--horizontal-pod-autoscaler-tolerance`; it is applied to the metric, so counts have none. */
const TOLERANCE = { scaleUpTolerance: 0.1, scaleDownTolerance: 0.1 };
const METRIC = "requests_in_replica";

/** What `autoscaling/v2` fills in where no behavior is given (Kubernetes documentation, Horizontal Pod Autoscaling, default behavior). */
const DEFAULT_BEHAVIOR: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 15 },
      { type: "Pods", value: 4, periodSeconds: 15 },
    ],
    tolerance: 0,
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
    tolerance: 0,
  },
};

/** Settings of one HorizontalPodAutoscaler with a metric of type Pods and a target of type AverageValue. */
export interface HpaSettings {
  minReplicas: number;
  maxReplicas: number;
  /** Of the metric, per replica. */
  averageValue: number;
}

/** One HorizontalPodAutoscaler: counts from samples, with its own history. */
export class HorizontalPodAutoscaler {
  readonly #settings: HpaSettings;
  #memory: VariantMemory = { recommendations: [], scaleEvents: [], startSeconds: [], counted: {} };

  constructor(settings: HpaSettings) {
    this.#settings = settings;
  }

  /** @param asked `spec.replicas` @param samples metric by pod; absent: the pod has none */
  desired(asked: number, pods: readonly PodSample[], samples: ReadonlyMap<string, number>, nowMs: number): number {
    const { minReplicas, maxReplicas, averageValue } = this.#settings;
    const metrics = new Map(
      [...samples].map(([pod, value]): [string, PodMetric] => [
        pod,
        { metric: METRIC, pod, value, atMs: nowMs, windowMs: 0 },
      ]),
    );
    const settings = { isCpu: false, nowMs, cpuInitializationMs: 0, initialReadinessDelayMs: 0 };
    const groups = groupPods(pods, metrics, settings);
    const weightOf = () => 1;
    const reading = averageValueReading({ type: "AverageValue", averageValue }, weightOf);
    const present = { asked, ready: groups.ready.length, weightOf, alike: true };
    const found = podMetricReplicas(groups, reading, TOLERANCE, present);
    // Without a metric of any pod nothing is decided.
    if (found === undefined) return asked;
    const recommended = Math.ceil(found.wanted - 1e-9);
    const allowed = behaved(DEFAULT_BEHAVIOR, asked, recommended, this.#memory, nowMs);
    const written = Math.min(maxReplicas, Math.max(minReplicas, allowed));
    this.#memory = recordedVariant(this.#memory, DEFAULT_BEHAVIOR, { asked, recommended, written }, nowMs);
    return written;
  }
}

/** One autoscaler for the first variant of each workload, on the requests that are in its replicas. None knows of the others. */
export class HpaController implements Controller {
  readonly stepMs = SYNC_MS;
  readonly #scalers: { key: string; scaler: HorizontalPodAutoscaler }[];

  constructor(simulation: Simulation, sized: readonly SizedVariant[]) {
    this.#scalers = sized
      .filter(({ concurrency }) => concurrency > 0)
      .map(({ key, variant, concurrency }) => ({
        key,
        scaler: new HorizontalPodAutoscaler({
          minReplicas: Math.max(1, variant.minReplicas),
          maxReplicas: mostReplicas(simulation, variant),
          averageValue: concurrency,
        }),
      }));
  }

  step(cluster: SimulatedCluster): void {
    const podsOf = Map.groupBy(cluster.pods(), ({ variant }) => variant.key);
    for (const { key, scaler } of this.#scalers) {
      const pods = podsOf.get(key) ?? [];
      const ready = pods.filter(({ phase }) => phase === "ready");
      const samples = new Map(ready.map(({ name, open }) => [name, open.size]));
      const asked = cluster.askedOf(key);
      const desired = scaler.desired(asked, pods.map(podSample), samples, cluster.nowMs);
      if (desired !== asked) cluster.scale(key, desired);
    }
  }
}

function podSample({ name, variant, phase }: SimulatedPod): PodSample {
  return {
    name,
    variant: variant.key,
    // A pod that loads its model runs; it has no metric yet.
    phase: phase === "pending" ? "Pending" : "Running",
    terminating: phase === "terminating",
    ready: phase === "ready",
    requests: {},
  };
}
