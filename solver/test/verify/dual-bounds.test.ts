import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/plan/types.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";
import { verify } from "../../src/verify/verify.ts";
import { bruteForce, type OracleResult } from "../oracle/brute-force.ts";
import {
  type DualQuestion,
  dualByEnumeration,
  type PricedRow,
  type PricedRung,
  type PricedSum,
} from "../oracle/dual-by-enumeration.ts";
import { planOf, TEST_LADDER } from "../oracle/plan-of.ts";
import { Random } from "../oracle/random.ts";
import { type Feature, randomWorld } from "../oracle/worlds.ts";

interface Keyed extends PricedRow {
  key: string;
}

/** The size rows of the pools of a world without taints. */
function poolRows(plan: Plan): Keyed[] {
  return plan.pools.flatMap((pool) =>
    pool.rows.map((row) => ({
      key: `pool/${pool.name}/size/${row.size}`,
      capacity: row.capacity,
      price: 0,
      use: (v) =>
        v.pool !== pool.name ? 0 : row.size === 0 ? v.devicesPerReplica : Math.floor(v.devicesPerReplica / row.size),
    })),
  );
}

/** F stages of all classes in their order, up to and without `stage`. */
function rungsBefore(result: OracleResult, stage: string): (PricedRung & { key: string })[] {
  if (stage === "penalty") return [];
  const all = result.classes.flatMap((cls) =>
    cls.ladder.map((r) => ({
      key: `class/${cls.priority}/F(${r.rung})`,
      cls,
      rung: r.rung,
      reached: r.reached,
      price: 0,
    })),
  );
  const end = all.findIndex((r) => r.key === stage);
  return end < 0 ? all : all.slice(0, end);
}

/** Stages of classes that follow `total` or `proportional`, before `stage` of a world with one class or the cost. */
function sumsBefore(plan: Plan, stage: string, random: Random): (PricedSum & { key: string })[] {
  const end = plan.certificate.findIndex((e) => e.stage === stage);
  return plan.certificate.slice(0, end).flatMap((e) => {
    const [, priority, name] = e.stage.split("/");
    const kind = name === `F(${1e-9})` ? "anything" : name;
    if (kind !== "total" && kind !== "proportional" && kind !== "anything") return [];
    return [{ key: e.stage, kind, priority: Number(priority), reached: e.reached, price: random.pick([0, 0.2, 3]) }];
  });
}

/** The plan with another proof of one stage, and all that follows from it. */
function withProof(plan: Plan, stage: string, bound: number, prices: { row: string; price: number }[]): Plan {
  const copy = structuredClone(plan);
  copy.status = "feasible";
  const entry = copy.certificate.find((e) => e.stage === stage)!;
  Object.assign(entry, { method: "dual", bound, prices });
  if (stage === "cost" || stage === "penalty") {
    const { primal } = copy.objective;
    Object.assign(copy.objective, { bound, gap: bound === primal ? 0 : (primal - bound) / Math.abs(primal) });
  }
  for (const c of copy.classes) {
    const rung = c.ladder.find((r) => `class/${c.priority}/F(${r.rung})` === stage);
    if (rung) rung.bound = bound;
    if (rung) c.levelBound = c.ladder.find((r) => r.bound > 1e-6)?.rung ?? 1;
    if (stage === `class/${c.priority}/${c.rule}`) c.levelBound = 1;
  }
  return copy;
}

function questions(
  problem: PlacementProblem,
  result: OracleResult,
  plan: Plan,
): { name: string; stage: DualQuestion["stage"] }[] {
  if (problem.objective === "penalty") return [{ name: "penalty", stage: "penalty" }];
  const own = plan.certificate.flatMap((e): { name: string; stage: DualQuestion["stage"] }[] => {
    const cls = result.classes.find((c) => e.stage.startsWith(`class/${c.priority}/F(`));
    const rung = cls?.ladder.find((r) => e.stage.endsWith(`F(${r.rung})`))?.rung;
    return cls && rung !== undefined ? [{ name: e.stage, stage: { cls, rung } }] : [];
  });
  const only = result.classes.length === 1 ? result.classes[0]! : undefined;
  if (only?.rule === "total" || only?.rule === "proportional")
    own.push({ name: `class/${only.priority}/${only.rule}`, stage: only.rule });
  return [...own, { name: "cost", stage: "cost" }];
}

const MIXTURES: Feature[][] = [
  [],
  ["weights", "classes", "start-cost"],
  ["roles", "weights"],
  ["types", "start-cost"],
  ["penalty", "roles", "start-cost"],
  ["penalty", "types"],
  ["total", "roles"],
  ["total", "types", "weights"],
  ["proportional", "weights"],
  ["proportional", "roles"],
  ["classes", "total", "proportional", "start-cost"],
  ["floors", "bags"],
];

describe("bounds from prices", () => {
  it.each(MIXTURES.map((features) => ({ features, title: features.join(" + ") || "plain" })))(
    "equal an enumeration of every placement of every workload: $title",
    ({ features }) => {
      let shown = 0;
      for (let seed = 1; seed <= 30; seed++) {
        const problem = randomWorld(seed, features);
        const result = bruteForce(problem, { ladder: TEST_LADDER });
        const plan = planOf(problem, result);
        if (plan.status !== "optimal") continue;
        const random = new Random(seed * 7919);
        for (const { name, stage } of questions(problem, result, plan)) {
          const limits = poolRows(plan);
          const rows = limits.map((r) => ({ ...r, price: random.pick([0, 0, 0.05, 0.3, 2, 7]) }));
          const earlier = rungsBefore(result, name).map((r) => ({
            ...r,
            price: r.reached > 0 ? random.pick([0, 0.5, 3, 9]) : 0,
          }));
          const sums = sumsBefore(plan, name, random);
          const bound = dualByEnumeration({ problem, result, stage, rows, earlier, sums, limits });
          const prices = [...rows, ...earlier, ...sums]
            .map((r) => ({ row: r.key, price: r.price }))
            .filter((p) => p.price > 0);
          const entry = plan.certificate.find((e) => e.stage === name)!;
          const sign = entry.sense === "min" ? 1 : -1;
          expect(sign * bound, `seed ${seed} ${name}: weak duality`).toBeLessThanOrEqual(sign * entry.reached + 1e-6);
          const honest = verify(problem, withProof(plan, name, bound, prices));
          expect({ seed, name, findings: honest.findings }).toEqual({ seed, name, findings: [] });
          expect(honest.bounds.find((b) => b.stage === name)).toEqual({ stage: name, method: "dual", checked: true });
          const more = Math.max(0.005, 1e-4 * Math.abs(bound));
          if (sign * (entry.reached - bound) < 2 * more || typeof stage === "object") continue;
          const boast = verify(problem, withProof(plan, name, bound + sign * more, prices));
          expect(
            boast.findings.map((f) => f.subject),
            `seed ${seed} ${name}`,
          ).toContain(`${name}/bound`);
          shown++;
        }
      }
      expect(shown).toBeGreaterThan(5);
    },
  );
});
