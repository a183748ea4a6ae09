import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { bag, node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { attainmentsOf, optimum, planOf, replicasOf } from "../support/solved.ts";

/** Workloads with a prefill and a decode lane on one pool; a replica of either takes one device. */
function lanes(count: number, demand: number, prefill: number, decode: number, devices: number): PlacementProblem {
  return problem({
    pools: [shaped("h100", node(devices))],
    workloads: upTo(count).map((i) =>
      workload(`w${i}`, demand, [
        variant(`w${i}-prefill`, "h100", 1, prefill, { role: "prefill", costPerHour: 2, currentReplicas: 1 }),
        variant(`w${i}-decode`, "h100", 1, decode, { role: "decode", costPerHour: 2 }),
      ]),
    ),
  });
}

describe("case 22: prefill never scales", () => {
  test("case 22: prefill never scales: both lanes are sized together", async () => {
    const plan = await optimum(lanes(1, 12, 4, 2, 100));
    expect(replicasOf(plan)).toEqual({ "w0-prefill": 3, "w0-decode": 6 });
    expect(attainmentsOf(plan)).toEqual({ w0: 1 });
  });

  test("case 22: prefill never scales: attainment is the smaller of the two lanes, and no lane runs ahead", async () => {
    const plan = await optimum(lanes(1, 12, 4, 2, 6));
    expect(replicasOf(plan)).toEqual({ "w0-prefill": 2, "w0-decode": 4 });
    expect(planOf(plan, "w0").attainment).toBeCloseTo(8 / 12, 12);
  });

  for (const [count, demand, prefill, decode] of [
    [1, 30, 7, 3],
    [2, 12, 4, 2],
    [3, 10, 5, 1],
    [4, 9, 2, 6],
  ] as const)
    test(`case 22: prefill never scales: ${count} workloads of ${demand}, ${prefill} and ${decode} a replica`, async () => {
      const needed = { prefill: Math.ceil(demand / prefill), decode: Math.ceil(demand / decode) };
      const enough = count * (needed.prefill + needed.decode);
      const plan = await optimum(shuffled(lanes(count, demand, prefill, decode, enough), count));
      for (const i of upTo(count))
        expect(replicasOf(plan)).toMatchObject({ [`w${i}-prefill`]: needed.prefill, [`w${i}-decode`]: needed.decode });
      const short = await optimum(lanes(count, demand, prefill, decode, enough - 1));
      expect(short.workloads.filter((w) => w.attainment < 1)).toHaveLength(1);
    });

  test("case 22: prefill never scales: a lane without its partner serves nothing, so nothing runs", async () => {
    const asked = lanes(1, 12, 4, 2, 100);
    asked.workloads[0]!.variants[1]!.maxReplicas = 0;
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "w0-prefill": 0, "w0-decode": 0 });
    expect(planOf(plan, "w0").reason?.code).toBe("MaxReplicas");
  });

  test("case 22: prefill never scales: replicas that do both fill what the lanes leave", async () => {
    const asked = lanes(1, 12, 4, 2, 6);
    asked.pools.push(bag("l40s", 10));
    asked.workloads[0]!.variants.push(variant("w0-both", "l40s", 2, 1, { costPerHour: 5 }));
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "w0-prefill": 2, "w0-decode": 4, "w0-both": 4 });
    expect(attainmentsOf(plan)).toEqual({ w0: 1 });
  });

  test("case 22: prefill never scales: lanes on two pools, one of them short", async () => {
    const asked = lanes(1, 12, 4, 2, 3);
    asked.pools.push(bag("l40s", 4));
    asked.workloads[0]!.variants[1]!.pool = "l40s";
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "w0-prefill": 2, "w0-decode": 4 });
    expect(plan.pools.map((p) => [p.name, p.freeDevices])).toEqual([
      ["h100", 1],
      ["l40s", 0],
    ]);
  });
});
