import { describe, expect, it } from "vitest";
import type { CertificateEntry, Plan } from "../../src/plan/types.ts";
import { verify } from "../../src/verify/verify.ts";
import { bruteForce } from "../oracle/brute-force.ts";
import { planOf } from "../oracle/plan-of.ts";
import { entryOf, problemOf, variant, workload } from "./support.ts";

const LADDER = [0.5, 1];

/** Three workloads of two one-device replicas each on five devices: two are full, one has half. */
const problem = problemOf({
  pools: [{ name: "pool-a", devices: 5 }],
  workloads: ["a", "b", "c"].map((name) => workload(name, [variant(`${name}-v`)])),
});
const good = planOf(problem, bruteForce(problem, { ladder: LADDER }));

function proved(stage: string, proof: Partial<CertificateEntry>, also: (plan: Plan) => void = () => undefined) {
  const plan = structuredClone(good);
  Object.assign(entryOf(plan, stage), proof);
  const rung = plan.classes[0]!.ladder.find((r) => stage.endsWith(`F(${r.rung})`));
  if (rung && proof.bound !== undefined) rung.bound = proof.bound;
  also(plan);
  const report = verify(problem, plan);
  return { subjects: report.findings.map((f) => f.subject), bound: report.bounds.find((b) => b.stage === stage)! };
}

const ROW = "pool/pool-a/size/0";

describe("proofs of a stage", () => {
  it("start from this plan", () => {
    expect(good.classes[0]!.ladder).toEqual([
      { rung: 0.5, reached: 0, bound: 0 },
      { rung: 1, reached: 1, bound: 1 },
    ]);
    expect(verify(problem, good).findings).toEqual([]);
  });

  it("by prices reach up to the next sum of weights: 3·min(1 device + 1, 2 devices) − 5 devices, at 0.9 a device, is 0.9", () => {
    // Σ min(1 + 0.9, 1.8) − 4.5 = 0.9: somebody must stay below
    const { subjects, bound } = proved("class/0/F(1)", { method: "dual", prices: [{ row: ROW, price: 0.9 }] });
    expect(subjects).toEqual([]);
    expect(bound).toEqual({ stage: "class/0/F(1)", method: "dual", checked: true });
  });

  it("by prices that prove nothing are refused", () => {
    const { subjects } = proved("class/0/F(1)", { method: "dual", prices: [{ row: ROW, price: 40 }] });
    expect(subjects).toEqual(["class/0/F(1)/bound"]);
  });

  it("by nothing at all are accepted where F is 0, and refused above", () => {
    expect(proved("class/0/F(0.5)", { method: "trivial" }).bound.checked).toBe(true);
    expect(proved("class/0/F(1)", { method: "trivial" }).subjects).toEqual(["class/0/F(1)/bound"]);
  });

  it("of the cost use the rungs before: half of each is kept at no price, the full ones at one", () => {
    // without a price on F(1): everybody needs one device, cost 3; with one: 3·min(2, 1 + 1) − 1·1 = 5
    const open = (plan: Plan) => {
      plan.status = "feasible";
      plan.objective = { ...plan.objective, bound: 3, gap: 2 / 5 };
    };
    expect(proved("cost", { method: "dual", bound: 3, prices: [] }, open).subjects).toEqual([]);
    expect(proved("cost", { method: "dual", prices: [] }).subjects).toEqual(["cost/bound"]);
    expect(proved("cost", { method: "dual", prices: [{ row: "class/0/F(1)", price: 1 }] }).subjects).toEqual([]);
  });

  it("of a search are only compared with what is reached", () => {
    expect(proved("class/0/F(1)", { method: "search" }).bound.checked).toBe(false);
  });

  it("are inherited from the rung before, which asks for less", () => {
    const short = problemOf({
      pools: [{ name: "pool-a", devices: 3 }],
      workloads: ["a", "b", "c", "d"].map((name) => workload(name, [variant(`${name}-v`)])),
    });
    const plan = planOf(short, bruteForce(short, { ladder: LADDER }));
    expect(plan.classes[0]!.ladder.map((r) => r.reached)).toEqual([1, 4]);
    const last = plan.classes[0]!.ladder[1]!;
    Object.assign(last, { bound: 1 });
    Object.assign(entryOf(plan, "class/0/F(1)"), { method: "trivial", bound: 1 });
    plan.status = "feasible";
    expect(verify(short, plan).findings).toEqual([]);
    last.bound = 2;
    entryOf(plan, "class/0/F(1)").bound = 2;
    expect(verify(short, plan).findings.map((f) => f.subject)).toEqual(["class/0/F(1)/bound"]);
  });

  it("of floors that do not fit say how many replicas must miss", () => {
    const crowded = problemOf({
      pools: [{ name: "pool-a", devices: 3 }],
      workloads: [
        workload("a", [variant("a-v", { minReplicas: 2 })]),
        workload("b", [variant("b-v", { minReplicas: 2 })], { priority: 10 }),
      ],
    });
    const plan = planOf(crowded, bruteForce(crowded, { ladder: LADDER }));
    expect(plan.status).toBe("infeasible");
    expect(plan.conflicts.map((c) => c.variants)).toEqual([["b-v"]]);
    const entry = entryOf(plan, "floors/10");
    Object.assign(entry, { method: "dual", prices: [{ row: ROW, price: 1 }] });
    expect(verify(crowded, plan).findings).toEqual([]);
    Object.assign(entry, { prices: [{ row: ROW, price: 0.2 }] });
    // 4 · 0.2 − 3 · 0.2 = 0.2: missing replicas are whole, so one is proved
    expect(verify(crowded, plan).findings).toEqual([]);
    Object.assign(entry, { prices: [] });
    expect(verify(crowded, plan).findings.map((f) => f.subject)).toEqual(["floors/10/bound"]);
  });
});
