import type { ClassRuleName, PlacementProblem, Variant } from "../src/problem/types.ts";
import { diceOf } from "./fleets/dice.ts";
import { placeCurrent, shapesOf } from "./fleets/supply.ts";
import { PRIORITIES, poolSeeds, workloadOf } from "./fleets/workloads.ts";

export { randomOf } from "./fleets/dice.ts";

/** Seeded fleets: heavy-tailed demand, three classes, 2–6 variants a workload, capacities as a ratio of what full service needs. */
export interface FleetOptions {
  workloads: number;
  pools: number;
  /** 2.0 ample, 1.0 tight, 0.7 scarce. */
  ratio: number;
  seed: number;
  /** Rule of all three classes; `penalty` sets the objective instead. */
  rule: ClassRuleName | "penalty";
  /** Node shapes in place of bags of devices. */
  shapes: boolean;
}

/** A seeded fleet as a parsed problem. The same options give the same problem on every machine. */
export function fleet(options: FleetOptions): PlacementProblem {
  const dice = diceOf(
    options.seed * 7919 + options.workloads * 31 + options.pools * 131 + Math.round(options.ratio * 1000),
  );
  const pools = poolSeeds(options, dice);
  const ranks = dice.shuffle(Array.from({ length: options.workloads }, (_, i) => i));
  const workloads = ranks.map((rank, i) => workloadOf(i, rank, options, pools, dice));
  const need = new Map(pools.map((p) => [p.name, 0]));
  for (const w of workloads) {
    const count = (v: Variant) => Math.ceil(w.demandPerSecond / v.capacityPerSecond!);
    const best = w.variants.reduce((a, b) => (count(a) * a.costPerHour <= count(b) * b.costPerHour ? a : b));
    need.set(best.pool, need.get(best.pool)! + count(best) * best.devicesPerReplica);
  }
  const total = [...need.values()].reduce((a, b) => a + b, 0);
  const shares = pools.map(() => -Math.log(1 - dice.next()));
  const all = shares.reduce((a, b) => a + b, 0);
  const devices = new Map(
    pools.map((p, i) => {
      const share = 0.6 * (need.get(p.name)! / total) + 0.4 * (shares[i]! / all);
      return [p.name, 8 * Math.max(1, Math.round((options.ratio * total * share) / 8))];
    }),
  );
  placeCurrent(workloads, devices, dice);
  return {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: options.rule === "penalty" ? "penalty" : "lexicographic",
    pools: pools.map((p) => {
      const n = devices.get(p.name)!;
      return options.shapes ? { name: p.name, nodes: shapesOf(n, dice) } : { name: p.name, devices: n };
    }),
    classes:
      options.rule === "penalty"
        ? []
        : PRIORITIES.map((priority) => ({ priority, rule: options.rule as ClassRuleName })),
    quotas: [],
    cohorts: [],
    workloads,
    sharedServers: [],
  };
}
