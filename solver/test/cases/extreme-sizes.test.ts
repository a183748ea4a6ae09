import { describe, expect, it } from "vitest";
import { parseProblem, solve, verify } from "../../src/index.ts";

/** The largest numbers that the format accepts: answered or refused by name, never a hang. */
describe("extreme sizes", () => {
  const world = (pool: object, variant: object, workload: object = {}) => ({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    pools: [{ name: "p", ...pool }],
    workloads: [
      {
        name: "a",
        demandPerSecond: 1e12,
        variants: [{ name: "a-v", pool: "p", devicesPerReplica: 1, capacityPerSecond: 1, ...variant }],
        ...workload,
      },
    ],
  });
  const solved = async (input: object) => {
    const parsed = parseProblem(input);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
    const plan = await solve(parsed.problem, { timeLimitMs: 5000 });
    expect(verify(parsed.problem, plan).ok).toBe(true);
    return plan;
  };

  it("ten million devices and a demand that no fleet serves", async () => {
    const plan = await solved(world({ devices: 1e7 }, {}));
    expect(plan.pools[0]!.usedDevices).toBeGreaterThan(9.999e6);
  });

  it("ten million devices, a million replicas of each of two variants", async () => {
    const plan = await solved(
      world(
        { nodes: [{ freeDevices: 8, count: 1e6 }] },
        {},
        {
          demandPerSecond: 1e6,
          variants: [
            { name: "x", pool: "p", devicesPerReplica: 1, capacityPerSecond: 1, costPerHour: 1 },
            { name: "y", pool: "p", devicesPerReplica: 4, capacityPerSecond: 4.5, costPerHour: 4 },
          ],
        },
      ),
    );
    expect(plan.workloads[0]!.attainment).toBeCloseTo(1, 6);
  });

  it("by dominant share", async () => {
    const plan = await solved({ ...world({ devices: 1e7 }, {}), classes: [{ priority: 0, rule: "dominant-share" }] });
    expect(plan.pools[0]!.usedDevices).toBeGreaterThan(9.999e6);
  });

  it("a packing of more nodes than can be written down is refused by name", async () => {
    const input = world({ nodes: [{ freeDevices: 8, count: 1e6 }] }, { devicesPerReplica: 4, nodesPerReplica: 2 });
    await expect(solved(input)).rejects.toThrow(/pools\[p\]\.nodes: 1000000 nodes/);
  });
});
