import type { Actuator, DrainCommands, DrainOutcome, ScaleCommand, ScaleOutcome } from "../../ports/actuator.ts";
import type { Cluster, ClusterReading, EventSink, StatusWriter } from "../../ports/cluster.ts";
import type { OverrideStore } from "../../ports/store.ts";
import type { SimulatedCluster } from "../../simulation/cluster/cluster.ts";
import type { SimulatedVariant } from "../../simulation/cluster/types.ts";
import { worldParts } from "../../simulation/cluster/world-parts.ts";
import type { SimulatedFleet } from "./fleet-of.ts";

/** What there is of a simulated cluster to the service: the same as of a real one. */
export interface SimulatedAdapters {
  cluster: Cluster;
  actuator: Actuator;
  status: StatusWriter;
  events: EventSink;
}

export interface SimulatedParts {
  cluster: SimulatedCluster;
  variants: readonly SimulatedVariant[];
  fleet: SimulatedFleet;
  overrides: OverrideStore;
  /** Wall-clock time of its beginning. */
  epochMs: number;
}

/** The ports of the service over a simulated cluster. Its time is moved by somebody else. */
export function simulatedAdapters(parts: SimulatedParts): SimulatedAdapters {
  return {
    cluster: new SimulatedReader(parts),
    actuator: new SimulatedActuator(parts.cluster),
    status: { write: async ({ variants }) => ({ written: variants.size, unchanged: 0, failed: [] }) },
    events: { publish: async () => undefined },
  };
}

class SimulatedReader implements Cluster {
  readonly #parts: SimulatedParts;

  constructor(parts: SimulatedParts) {
    this.#parts = parts;
  }

  async read(): Promise<ClusterReading> {
    const { cluster, variants, fleet, overrides, epochMs } = this.#parts;
    const { nodes, pods, targets } = worldParts(cluster, variants, epochMs);
    return {
      clusterTimeMs: Math.round(epochMs + cluster.nowMs),
      ...fleet,
      inventory: { known: true, nodes },
      pods,
      targets,
      overrides: await overrides.list(),
      actedRevision: 0,
      unread: [],
    };
  }
}

class SimulatedActuator implements Actuator {
  readonly #cluster: SimulatedCluster;

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  async apply(
    _revision: number,
    steps: readonly (readonly ScaleCommand[])[],
    mayAct: () => boolean,
  ): Promise<ScaleOutcome[]> {
    return steps.flat().map((command) => this.#scale(command, mayAct()));
  }

  #scale(command: ScaleCommand, may: boolean): ScaleOutcome {
    const { variant, from, to, deletionCosts } = command;
    const replicas = this.#cluster.askedOf(variant);
    if (!may) return { command, result: "fenced", message: "it does not lead", replicas };
    if (replicas !== from) return { command, result: "changed", message: `${replicas} are asked for by now`, replicas };
    const costs = new Map(deletionCosts.map(({ pod, cost }) => [pod, cost]));
    for (const pod of this.#cluster.pods()) pod.deletionCost = costs.get(pod.name) ?? pod.deletionCost;
    if (!this.#cluster.scale(variant, to)) return { command, result: "gone", message: "there is no such target" };
    return { command, result: "done", message: "", replicas: to };
  }

  async drain(
    { cordon, uncordon, evict }: DrainCommands,
    _label: string,
    mayAct: () => boolean,
  ): Promise<DrainOutcome> {
    if (!mayAct()) return { done: 0, failed: [] };
    const atMs = this.#cluster.nowMs;
    for (const node of cordon) this.#cluster.happen({ atMs, type: "cordon", node });
    for (const node of uncordon) this.#cluster.happen({ atMs, type: "uncordon", node });
    const failed = evict
      .filter(({ pod }) => !this.#cluster.evict(pod))
      .map(({ pod }) => ({ name: pod, reason: "there is no such pod" }));
    return { done: cordon.length + uncordon.length + evict.length - failed.length, failed };
  }
}
