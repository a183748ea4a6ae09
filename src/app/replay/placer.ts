import type { Plan, SolveOptions } from "@apportion/solver";
import { planCounts } from "../../plan/plan-counts.ts";
import { snapshotToProblem } from "../../plan/snapshot-to-problem.ts";
import type { Placement } from "../../ports/placement.ts";
import type { SimulatedCluster } from "../../simulation/cluster/cluster.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import type { Snapshot, SnapshotNodeRow, SnapshotWorkload } from "../../snapshot/types.ts";
import type { SizedVariant } from "./sized-variants.ts";

/** Time stands still for the solver, and its engine is the one whose work is bounded without a clock: the same course gives the same plans. */
export const REPLAY_SOLVE: SolveOptions = {
  nowMs: () => 0,
  timeLimitMs: 1000,
  engine: "price",
  gap: 0.005,
  threads: 1,
};

/** Counts for given rates by one solve, as if all replicas were free to move. */
export class Placer {
  readonly #placement: Placement;
  readonly #simulation: Simulation;
  readonly #sized: readonly SizedVariant[];
  #previous: Plan | undefined;

  constructor(placement: Placement, simulation: Simulation, sized: readonly SizedVariant[]) {
    this.#placement = placement;
    this.#simulation = simulation;
    this.#sized = sized;
  }

  /**
   * Replicas of every variant for these requests per second.
   * @param nodes with the devices that are free to all of it; absent: the whole inventory
   */
  async counts(
    rates: ReadonlyMap<string, number>,
    nodes = wholeInventory(this.#simulation),
  ): Promise<Map<string, number>> {
    const { problem: input } = snapshotToProblem(this.#snapshot(rates, nodes));
    const none = new Map(this.#sized.map(({ key }) => [key, 0]));
    if (input.workloads.length === 0) return none;
    const read = this.#placement.readProblem(input);
    if (!read.ok) throw new Error(`the problem of the replay is malformed: ${read.violations[0]?.path}`);
    const previous = this.#previous === undefined ? {} : { previous: this.#previous };
    this.#previous = await this.#placement.solve(read.value, { ...REPLAY_SOLVE, ...previous });
    return new Map([...none, ...planCounts(this.#previous)]);
  }

  #snapshot(rates: ReadonlyMap<string, number>, nodes: ReadonlyMap<string, SnapshotNodeRow[]>): Snapshot {
    const { pools, classes, workloads } = this.#simulation;
    const rules = new Map(classes.map(({ priority, rule }) => [priority, { priority, rule }]));
    return {
      apiVersion: "apportion.dev/v1",
      kind: "Snapshot",
      objective: "lexicographic",
      inventory: {
        pools: pools.map(({ name, pricePerDeviceHour }) => ({
          name,
          pricePerDeviceHour,
          nodes: nodes.get(name) ?? [],
        })),
      },
      classes: [...rules.values()],
      quotas: [],
      cohorts: [],
      workloads: workloads.map(({ name }) => this.#workload(name, rates.get(name) ?? 0)),
    };
  }

  #workload(name: string, demandPerSecond: number): SnapshotWorkload {
    const own = this.#sized.filter(({ workload }) => workload.name === name);
    const { priority, weight, slo } = own[0]!.serviceClass;
    return {
      name,
      priority,
      weight,
      demandPerSecond,
      shedPenalty: 0,
      minReplicas: 0,
      slo,
      variants: own.map(({ key, variant, costPerHour, capacityPerSecond }) => ({
        name: key,
        pool: variant.pool,
        role: "both",
        devicesPerReplica: variant.devicesPerReplica,
        nodesPerReplica: 1,
        capacityPerSecond,
        costPerHour,
        startCost: 0,
        currentReplicas: 0,
        minReplicas: variant.minReplicas,
        ...(variant.maxReplicas === undefined ? {} : { maxReplicas: variant.maxReplicas }),
        tolerations: [],
        movable: true,
        ...(capacityPerSecond > 0 ? {} : { excluded: "it cannot meet the targets, or nothing is asked of it" }),
      })),
    };
  }
}

function wholeInventory({ pools }: Simulation): Map<string, SnapshotNodeRow[]> {
  return new Map(pools.map(({ name, nodes }) => [name, nodes.map(({ devices, count }) => row(devices, count))]));
}

/** What there is at this moment: no lost or cordoned node, nothing of what others hold. */
export function presentInventory(cluster: SimulatedCluster): Map<string, SnapshotNodeRow[]> {
  const usable = [...cluster.nodes.all()].filter(({ lost, cordoned }) => !lost && !cordoned);
  const pools = Map.groupBy(usable, ({ node }) => node.pool);
  return new Map(
    [...pools].map(([pool, own]) => [pool, own.map(({ node, foreign }) => row(node.devices - foreign, 1))]),
  );
}

const row = (freeDevices: number, count: number): SnapshotNodeRow => ({ freeDevices, count, taints: [], holds: {} });
