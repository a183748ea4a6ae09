import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { bag, problem, variant, workload } from "../support/build.ts";
import { seeded, shuffled } from "../support/shuffle.ts";
import { optimum, replicasOf } from "../support/solved.ts";

type Kind = { capacity: number; cost: number };

function mix(demand: number, kinds: Kind[]): PlacementProblem {
  return problem({
    pools: kinds.map((_, i) => bag(`p${i}`, 1000)),
    workloads: [
      workload(
        "chat",
        demand,
        kinds.map((k, i) => variant(`chat-p${i}`, `p${i}`, 1, k.capacity, { costPerHour: k.cost })),
      ),
    ],
  });
}

/** Least cost of whole replicas that serve the demand: dynamic programming over whole capacities. */
function leastCost(demand: number, kinds: Kind[]): number {
  const least = [0];
  for (let d = 1; d <= demand; d++)
    least[d] = Math.min(...kinds.map((k) => k.cost + least[Math.max(0, d - k.capacity)]!));
  return least[demand]!;
}

describe("case 8: cheapest mix", () => {
  test("case 8: cheapest mix: 6 where the best ratio pays 10, with a proof", async () => {
    const plan = await optimum(
      mix(3, [
        { capacity: 6, cost: 10 },
        { capacity: 1, cost: 2 },
      ]),
    );
    expect(replicasOf(plan)).toEqual({ "chat-p0": 0, "chat-p1": 3 });
    expect(plan.objective.primal).toBe(6);
    expect(plan.objective.gap).toBeLessThan(1e-6);
  });

  test("case 8: cheapest mix: a mix beats both of its parts alone", async () => {
    const plan = await optimum(
      mix(7, [
        { capacity: 5, cost: 9 },
        { capacity: 2, cost: 4 },
      ]),
    );
    expect(replicasOf(plan)).toEqual({ "chat-p0": 1, "chat-p1": 1 });
    expect(plan.objective.bound).toBeCloseTo(13, 5);
  });

  for (const [seed, kinds, most] of [
    [1, 2, 20],
    [2, 3, 40],
    [3, 4, 80],
    [4, 5, 120],
    [5, 6, 300],
  ] as const)
    test(`case 8: cheapest mix: ${kinds} random variants against dynamic programming, seed ${seed}`, async () => {
      const random = seeded(seed);
      const whole = (n: number) => 1 + Math.floor(random() * n);
      for (let round = 0; round < 5; round++) {
        const demand = whole(most);
        const offered = Array.from({ length: kinds }, () => ({ capacity: whole(12), cost: whole(30) }));
        const plan = await optimum(shuffled(mix(demand, offered), round));
        expect(plan.objective.primal).toBeCloseTo(leastCost(demand, offered), 6);
        expect(plan.objective.gap).toBeLessThanOrEqual(1e-6);
      }
    });
});
