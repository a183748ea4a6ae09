import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { applyChanges, PlacementSession, type Plan, solve, UnknownNameError, verify } from "../../src/index.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";
import { randomChanges } from "./changes.ts";

const problem = fleet({ workloads: 60, pools: 5, ratio: 1, seed: 4, rule: "penalty", shapes: true });
const options = { engine: "price", timeLimitMs: 20_000 } as const;

/** Replicas that differ between two plans. */
function moved(a: Plan, b: Plan): number {
  const counts = new Map(a.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  return b.workloads
    .flatMap((w) => w.variants)
    .reduce((sum, v) => sum + Math.abs(v.replicas - (counts.get(v.name) ?? 0)), 0);
}

/** The problem after a round: what was planned runs. */
function running(before: PlacementProblem, plan: Plan): PlacementProblem {
  const counts = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  return {
    ...before,
    workloads: before.workloads.map((w) => ({
      ...w,
      variants: w.variants.map((v) => ({ ...v, currentReplicas: counts.get(v.name)! })),
    })),
  };
}

describe("a session of rounds", () => {
  it("moves next to nothing where nothing changed", async () => {
    const session = new PlacementSession(problem);
    const first = await session.replan({}, options);
    const again = await session.replan({}, options);
    // the start costs that the first round paid are gone: what is left to gain is inside the first one's gap
    expect(again.objective.primal).toBeLessThanOrEqual(first.objective.primal + 1e-6);
    const running = first.workloads.flatMap((w) => w.variants).reduce((sum, v) => sum + v.replicas, 0);
    expect(moved(first, again)).toBeLessThanOrEqual(0.05 * running);
  });

  it("follows a changed demand; a cold solve is better by no more than the gap that is told", async () => {
    const session = new PlacementSession(problem);
    const first = await session.replan({}, options);
    const name = problem.workloads[7]!.name;
    const changes = { demandPerSecond: { [name]: problem.workloads[7]!.demandPerSecond * 1.5 } };
    const warm = await session.replan(changes, options);
    const cold = await solve(running(applyChanges(problem, changes), first), options);
    expect(warm.objective.bound).toBeLessThanOrEqual(cold.objective.primal + 1e-6 * cold.objective.primal);
    expect(cold.objective.primal).toBeGreaterThanOrEqual(warm.objective.primal * (1 - warm.objective.gap) - 1e-6);
  });

  it("asks what if without changing the round it stands on", async () => {
    const session = new PlacementSession(problem);
    const first = await session.replan({}, options);
    const pool = problem.pools[0]!;
    const more = await session.whatIf(
      { nodes: { [pool.name]: [...pool.nodes!, { freeDevices: 8, count: 4, taints: [], holds: {} }] } },
      options,
    );
    expect(more.objective.bound).toBeLessThanOrEqual(first.objective.primal + 1e-6);
    const again = await session.replan({}, options);
    expect(again.pools.find((p) => p.name === pool.name)!.rows).toHaveLength(
      first.pools.find((p) => p.name === pool.name)!.rows.length,
    );
    expect(again.pools.map((p) => p.usedDevices + p.freeDevices)).toEqual(
      first.pools.map((p) => p.usedDevices + p.freeDevices),
    );
  });

  it("answers many what-ifs with what they come to, plans where asked, and stays where it is", async () => {
    const session = new PlacementSession(problem);
    const first = await session.replan({}, options);
    const name = problem.workloads[3]!.name;
    const list = [{}, { demandPerSecond: { [name]: 2 * problem.workloads[3]!.demandPerSecond } }];
    const scenarios = await session.whatIfs(list, { ...options, plans: true });
    expect(scenarios).toHaveLength(2);
    for (const [i, s] of scenarios.entries()) {
      expect(verify(applyChanges(running(problem, first), list[i]!), s.plan!).findings).toEqual([]);
      expect(s.objective).toEqual(s.plan!.objective);
      expect(s.changed).toEqual(
        s
          .plan!.workloads.filter((w, m) =>
            w.variants.some((v, k) => v.replicas !== first.workloads[m]!.variants[k]!.replicas),
          )
          .map((w) => w.name),
      );
    }
    expect((await session.whatIfs([{}], { ...options, check: "apart" }))[0]!.objective).toEqual(
      scenarios[0]!.objective,
    );
  });

  it("answers a what-if that nothing follows closely enough with the best quick round, or in full", async () => {
    const session = new PlacementSession(problem, await solve(problem, options));
    const changes = { demandPerSecond: { [problem.workloads[3]!.name]: 1.5 * problem.workloads[3]!.demandPerSecond } };
    // no gap is as narrow as that
    const never = { ...options, check: "apart", gapSlack: -2 } as const;
    const [nearest] = await session.whatIfs([changes], { ...never, full: "never" });
    const [full] = await session.whatIfs([changes], { ...never, full: "needed" });
    expect(nearest!.plan).toBeUndefined();
    expect(full!.plan).toBeDefined();
    expect(nearest!.objective.bound).toBeLessThanOrEqual(full!.objective.primal * (1 + 1e-6));
    expect(nearest!.objective.primal).toBeGreaterThanOrEqual(full!.objective.bound * (1 - 1e-6));
    // a small problem is solved where that is needed
    expect((await session.whatIfs([changes], never))[0]!.objective).toEqual(full!.objective);
  });

  it("gives the same bytes for the same rounds", async () => {
    const rounds = async () => {
      const session = new PlacementSession(problem, await cold);
      const plans = [];
      for (const seed of [1, 2, 3]) plans.push(await session.replan(randomChanges(problem, seed), options));
      return JSON.stringify(plans.map(({ elapsedMs: _, ...plan }) => plan));
    };
    const cold = solve(problem, options);
    expect(await rounds()).toBe(await rounds());
  });

  it("checks its last plan apart", async () => {
    const session = new PlacementSession(problem);
    await expect(session.check()).rejects.toThrow("call replan first");
    await session.replan({}, options);
    expect((await session.check()).findings).toEqual([]);
    const name = problem.workloads[1]!.name;
    await session.replan({ demandPerSecond: { [name]: 1.1 } }, { ...options, check: "apart" });
    expect((await session.check()).findings).toEqual([]);
  });

  it.each([
    [{ demandPerSecond: { nobody: 1 } }, "demandPerSecond", "nobody"],
    [{ devices: { nowhere: 1 } }, "devices", "nowhere"],
    [{ replicas: { nothing: { maxReplicas: 1 } } }, "replicas", "nothing"],
  ])("refuses names that are not there: %j", (changes, field, name) => {
    expect(() => applyChanges(problem, changes)).toThrow(UnknownNameError);
    expect(() => applyChanges(problem, changes)).toThrow(`changes.${field}: "${name}"`);
  });
});
