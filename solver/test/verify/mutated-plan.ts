import { expect, it } from "vitest";
import type { Plan } from "../../src/plan/types.ts";
import { verify } from "../../src/verify/verify.ts";
import { bruteForce } from "../oracle/brute-force.ts";
import { planOf, TEST_LADDER } from "../oracle/plan-of.ts";
import { problemOf, variant, workload } from "./support.ts";

/**
 * A world with everything in it: nodes with a taint and a held replica, a group, a bag, quotas with a guarantee and a cohort,
 * request types, lanes and start costs; class 0 is short by max-min, class 5 by total, class 9 by proportional.
 */
export const problem = problemOf({
  pools: [
    {
      name: "pool-a",
      nodes: [
        { freeDevices: 4, count: 2, taints: [], holds: { "chat-small": 1 } },
        { freeDevices: 2, count: 1, taints: [{ key: "team", value: "x", effect: "NoSchedule" }], holds: {} },
      ],
    },
    { name: "pool-b", devices: 4 },
  ],
  classes: [
    { priority: 5, rule: "total" },
    { priority: 9, rule: "proportional" },
  ],
  quotas: [
    { tenant: "team-a", pool: "pool-b", guaranteedDevices: 1, maxDevices: 3, cohort: "all" },
    { tenant: "team-b", guaranteedDevices: 0, maxDevices: 6, cohort: "all" },
  ],
  cohorts: [{ name: "all", maxDevices: 8 }],
  workloads: [
    workload("chat", [variant("chat-small", { currentReplicas: 2, minReplicas: 1, startCost: 0.5, maxReplicas: 3 })], {
      tenant: "team-b",
      weight: 2,
      demandPerSecond: 4,
    }),
    workload("code", [variant("code-group", { devicesPerReplica: 2, nodesPerReplica: 2, capacityPerSecond: 3 })], {
      demandPerSecond: 4,
    }),
    workload(
      "mixed",
      [
        variant("mixed-a", { pool: "pool-b", capacityByType: { long: 1, short: 4 }, capacityPerSecond: undefined }),
        variant("mixed-b", {
          pool: "pool-b",
          capacityByType: { short: 2 },
          capacityPerSecond: undefined,
          costPerHour: 2,
        }),
      ],
      {
        tenant: "team-a",
        priority: 5,
        demandPerSecond: 8,
        requestTypes: [
          { name: "long", demandPerSecond: 2 },
          { name: "short", demandPerSecond: 6 },
        ],
      },
    ),
    workload(
      "split",
      [
        variant("split-prefill", { role: "prefill", tolerations: [{ key: "team", operator: "Exists", value: "" }] }),
        variant("split-decode", { role: "decode", pool: "pool-b" }),
      ],
      { priority: 9, demandPerSecond: 2 },
    ),
  ],
});

export const result = bruteForce(problem, { ladder: TEST_LADDER });
export const good = planOf(problem, result);

/** What is wrong, the subject of a finding that must say so, and the change that makes it wrong. */
export type Mutation = [title: string, subject: string | RegExp, change: (plan: Plan) => void];

export const w = (plan: Plan, name: string) => plan.workloads.find((o) => o.name === name)!;
export const v = (plan: Plan, name: string) => plan.workloads.flatMap((o) => o.variants).find((o) => o.name === name)!;
export const pool = (plan: Plan, name: string) => plan.pools.find((o) => o.name === name)!;
export const cls = (plan: Plan, priority: number) => plan.classes.find((o) => o.priority === priority)!;

/** One test for each mutation of the good plan: verify must name what is wrong. */
export function rejects(mutations: Mutation[]): void {
  it.each(mutations)("%s", (_, subject, change) => {
    const plan = structuredClone(good);
    change(plan);
    const report = verify(problem, plan);
    expect(report.ok).toBe(false);
    const subjects = report.findings.map((f) => f.subject);
    if (typeof subject === "string") expect(subjects).toContain(subject);
    else expect(subjects.some((s) => subject.test(s))).toBe(true);
  });
}
