import type { ReplicaSimulation } from "../replica.ts";
import type { SimulatedRequest } from "../request.ts";
import type { SimulatedVariant } from "./types.ts";

/** Where a pod stands. `gone` pods are not in the cluster any more. */
export type PodPhase = "pending" | "starting" | "ready" | "terminating" | "gone";

/** One pod, which is one replica. */
export interface SimulatedPod {
  readonly name: string;
  readonly variant: SimulatedVariant;
  phase: PodPhase;
  readonly createdAtMs: number;
  node: string | undefined;
  scheduledAtMs: number | undefined;
  readyAtMs: number | undefined;
  /** When the next thing happens to it by itself: ready, crash, end of its grace; Infinity: nothing. */
  nextAtMs: number;
  /** Of a terminating one: when it goes, whatever it has not answered. */
  graceEndsAtMs: number;
  deletionCost: number;
  restarts: number;
  /** While it is ready, or terminating and still answering. */
  replica: ReplicaSimulation | undefined;
  /** What it has taken and not answered, by id. */
  readonly open: Map<number, SimulatedRequest>;
}

export function newPod(name: string, variant: SimulatedVariant, createdAtMs: number): SimulatedPod {
  return {
    name,
    variant,
    phase: "pending",
    createdAtMs,
    node: undefined,
    scheduledAtMs: undefined,
    readyAtMs: undefined,
    nextAtMs: Number.POSITIVE_INFINITY,
    graceEndsAtMs: Number.POSITIVE_INFINITY,
    deletionCost: 0,
    restarts: 0,
    replica: undefined,
    open: new Map(),
  };
}

/**
 * The order in which a ReplicaSet's pods go when it shrinks, first to go first: without a node, not ready, of lower deletion cost, ready
 * for less long, younger (Kubernetes documentation, ReplicaSet, "Scaling a ReplicaSet").
 */
export function goesBefore(a: SimulatedPod, b: SimulatedPod): number {
  const rank = ({ phase, node }: SimulatedPod): number => (node === undefined ? 0 : phase === "ready" ? 2 : 1);
  return (
    rank(a) - rank(b) ||
    a.deletionCost - b.deletionCost ||
    (b.readyAtMs ?? b.createdAtMs) - (a.readyAtMs ?? a.createdAtMs) ||
    b.createdAtMs - a.createdAtMs ||
    (a.name < b.name ? 1 : -1)
  );
}
