import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cure, PlacementProblem } from "../../src/index.ts";
import { node } from "../support/build.ts";
import { runs } from "../support/runs.ts";
import { planOf, solved } from "../support/solved.ts";
import { PLAIN, tinyProblem } from "../support/tiny.ts";

function applied(problem: PlacementProblem, cure: Cure): PlacementProblem {
  const pools = problem.pools.map((p) => {
    if (p.name !== cure.pool) return p;
    if (!p.nodes) return { ...p, devices: p.devices! + cure.nodes * cure.devicesPerNode };
    return { ...p, nodes: [...p.nodes, node(cure.devicesPerNode, cure.nodes)] };
  });
  return { ...problem, pools };
}

async function expectCures(asked: PlacementProblem) {
  const plan = await solved(asked, { cures: true });
  for (const w of plan.workloads) {
    if (!w.reason) continue;
    const { cure, code, sentence } = w.reason;
    if (code === "MaxReplicas") {
      expect(cure).toBeUndefined();
      continue;
    }
    if (!cure) {
      expect(sentence).toContain("no addition to a single pool is enough");
      continue;
    }
    expect(sentence).toContain(`in ${cure.pool} would lift it to`);
    const attained = async (nodes: number) =>
      planOf(await solved(applied(asked, { ...cure, nodes })), w.name).attainment;
    expect(await attained(cure.nodes)).toBeCloseTo(cure.attainment, 9);
    expect(cure.attainment).toBeGreaterThan(w.attainment);
    // the search halves an interval at whose lower end it has seen that one node fewer does not cure
    if (cure.nodes > 1) expect(await attained(cure.nodes - 1)).toBeLessThan(cure.attainment - 1e-9);
  }
}

test("property: a reported cure, applied to the problem, cures", () =>
  fc.assert(fc.asyncProperty(tinyProblem({ ...PLAIN, maxWorkloads: 3 }), expectCures), runs(15)));

test("property: a reported cure of a problem with quotas, floors and shapes cures", () =>
  fc.assert(
    fc.asyncProperty(
      tinyProblem({ ...PLAIN, mins: true, quotas: true, groups: true, taints: true, maxWorkloads: 2 }),
      expectCures,
    ),
    runs(10),
  ));
