import type { Plan } from "@apportion/solver";
import { snapshotToProblem } from "../../../plan/snapshot-to-problem.ts";
import type { Placement } from "../../../ports/placement.ts";
import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import { scenarioOf } from "../../../simulation/cluster/scenario.ts";
import type { SimulatedVariant } from "../../../simulation/cluster/types.ts";
import { gatewayDemands, worldParts } from "../../../simulation/cluster/world-parts.ts";
import type { Simulation } from "../../../snapshot/simulation/types.ts";
import type { Snapshot } from "../../../snapshot/types.ts";
import { EMPTY_MEMORY, type Memory } from "../../../snapshot/world/memory.ts";
import type { World } from "../../../snapshot/world/types.ts";
import { type CycleOutcome, planCycle, type Solved } from "../../live/cycle.ts";
import { rememberedCycle } from "../../live/remember.ts";
import { REPLAY_SOLVE } from "../placer.ts";
import type { Controller, FleetOf } from "../types.ts";

/** Wall-clock time of the beginning of every replay: a whole hour, so that times in it can be read. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The cycle of the live service, in mode `act`: its memory is handed on, what it orders is written to the targets. */
export class CycleController implements Controller {
  readonly stepMs = 15_000;
  failedSolves = 0;
  readonly #placement: Placement;
  readonly #variants: readonly SimulatedVariant[];
  readonly #fleet: ReturnType<FleetOf>;
  #memory: Memory = EMPTY_MEMORY;
  #previous: Plan | undefined;

  constructor(placement: Placement, simulation: Simulation, fleetOf: FleetOf) {
    this.#placement = placement;
    this.#variants = scenarioOf(simulation).variants;
    this.#fleet = fleetOf(simulation);
  }

  async step(cluster: SimulatedCluster): Promise<void> {
    const outcome = await planCycle(this.#world(cluster), (snapshot) => this.#solve(snapshot));
    if (outcome.decision.held?.code === "SolverFailed") this.failedSolves++;
    this.#memory = rememberedCycle(outcome, carriedOut(cluster, outcome));
  }

  #world(cluster: SimulatedCluster): World {
    const { nodes, pods, targets } = worldParts(cluster, this.#variants, EPOCH_MS);
    return {
      apiVersion: "apportion.dev/v1",
      kind: "World",
      takenAtMs: Math.round(EPOCH_MS + cluster.nowMs),
      ...this.#fleet,
      inventory: { known: true, nodes },
      pods,
      targets,
      overrides: [],
      demands: gatewayDemands(cluster, EPOCH_MS, "simulated-gateway"),
      memory: this.#memory,
    };
  }

  async #solve(snapshot: Snapshot): Promise<Solved> {
    const { problem: input } = snapshotToProblem(snapshot);
    const read = this.#placement.readProblem(input);
    if (!read.ok) throw new Error(`the problem is malformed: ${read.violations[0]?.path}`);
    const previous = this.#previous === undefined ? {} : { previous: this.#previous };
    const plan = await this.#placement.solve(read.value, { ...REPLAY_SOLVE, ...previous });
    this.#previous = plan;
    return { problem: read.value, plan };
  }
}

/** The steps of an order, one after the other. @returns the counts that were written */
function carriedOut(cluster: SimulatedCluster, { decision, order }: CycleOutcome): Map<string, number> {
  const written = new Map<string, number>();
  if (!decision.act) return written;
  for (const { variant, to, deletionCosts } of order.steps.flatMap(({ changes }) => changes)) {
    const costs = new Map(deletionCosts.map(({ pod, cost }) => [pod, cost]));
    for (const pod of cluster.pods()) pod.deletionCost = costs.get(pod.name) ?? pod.deletionCost;
    if (cluster.scale(variant, to)) written.set(variant, to);
  }
  return written;
}
