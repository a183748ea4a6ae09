import { diceOf } from "../../bench/fleets/dice.ts";
import type { ChangeSet } from "../../src/index.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";

/** A random change set of amounts: every kind that a quick round may follow, by the dice. The same seed gives the same. */
export function randomChanges(problem: PlacementProblem, seed: number, share = 0.03): ChangeSet {
  const dice = diceOf(seed);
  const changes: Required<ChangeSet> = {
    weight: {},
    demandPerSecond: {},
    shedPenalty: {},
    devices: {},
    nodes: {},
    replicas: {},
  };
  const count = Math.max(1, Math.round(share * problem.workloads.length));
  for (let i = 0; i < count; i++) {
    const w = problem.workloads[dice.pick(problem.workloads.length)]!;
    const v = w.variants[dice.pick(w.variants.length)]!;
    const kind = dice.pick(7);
    if (kind <= 1) changes.demandPerSecond[w.name] = w.demandPerSecond * dice.between(0.6, 1.5);
    else if (kind === 2) changes.replicas[v.name] = { maxReplicas: v.minReplicas + dice.pick(3) };
    else if (kind === 3) changes.replicas[v.name] = { currentReplicas: dice.pick(3) };
    else if (kind === 4) changes.replicas[v.name] = { costPerHour: v.costPerHour * dice.between(0.8, 1.2) };
    else if (kind === 5) changes.weight[w.name] = w.weight * (1 + dice.pick(2));
    else changes.shedPenalty[w.name] = w.shedPenalty * dice.between(0.5, 2);
  }
  if (dice.next() < 0.6) {
    const pool = problem.pools[dice.pick(problem.pools.length)]!;
    if (pool.nodes)
      changes.nodes[pool.name] = pool.nodes.map((n) => ({ ...n, count: Math.max(0, n.count + dice.pick(3) - 1) }));
    else changes.devices[pool.name] = Math.max(0, pool.devices! + dice.pick(9) - 4);
  }
  return changes;
}
