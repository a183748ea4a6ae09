import { describe, expect, it } from "vitest";
import { realFleet } from "../../bench/real-fleet.ts";
import { changed } from "../../bench/replan.ts";
import { parseProblem, solve } from "../../src/index.ts";

describe("fleets shaped like the example", () => {
  const options = { workloads: 40, ratio: 1, seed: 4, objective: "lexicographic" } as const;
  const world = realFleet(options);

  it("are the same for the same seed, and valid", () => {
    expect(realFleet(options)).toEqual(world);
    expect(realFleet({ ...options, seed: 5 })).not.toEqual(world);
    expect(parseProblem(JSON.parse(JSON.stringify(world))).ok).toBe(true);
  });

  it("have the example's pools and node sizes, in one zone more for every 1,500 workloads", () => {
    expect(world.pools).toHaveLength(7);
    expect(realFleet({ ...options, workloads: 2000 }).pools).toHaveLength(14);
    expect(world.pools.find((p) => p.name === "g2-a10-z0")!.nodes!.map((n) => n.freeDevices)).toEqual([8, 4]);
  });

  it("change in a stated share of demands, and run what the plan before said", async () => {
    const plan = await solve(world, { engine: "heuristic" });
    const after = changed(world, plan, 0.05);
    const moved = after.workloads.filter((w, m) => w.demandPerSecond !== world.workloads[m]!.demandPerSecond);
    expect(moved).toHaveLength(2);
    const running = after.workloads[0]!.variants.map((v) => v.currentReplicas);
    expect(running).toEqual(plan.workloads[0]!.variants.map((v) => v.replicas));
  });
});
