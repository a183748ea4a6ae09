import fc from "fast-check";
import { expect, test } from "vitest";
import type { CertificateEntry, PlacementProblem, Plan, SolveOptions } from "../../src/index.ts";
import { compareClasses, costOf, logsOf, totalOf, weightBelow } from "../support/profile.ts";
import { runs } from "../support/runs.ts";
import { solved } from "../support/solved.ts";
import { EVERYTHING, tinyProblem } from "../support/tiny.ts";

const TOLERANCE = 1e-6;

/** What a plan is worth to one stage of the certificate. */
function worthOf(problem: PlacementProblem, plan: Plan, stage: string): number {
  if (stage === "cost") return costOf(problem, plan);
  const found = /^class\/(-?\d+)\/(?:F\((.+)\)|(total)|(proportional))$/.exec(stage);
  if (!found) throw new Error(`stage ${stage} is not known here`);
  const priority = Number(found[1]);
  if (found[3]) return totalOf(problem, plan, priority);
  if (found[4]) return logsOf(problem, plan, priority).sum;
  const rung = Number(found[2]);
  return rung === 1e-9 ? logsOf(problem, plan, priority).zero : weightBelow(problem, plan, priority, rung);
}

/** Positive where the first is worse. */
function excess({ sense }: CertificateEntry, value: number, than: number): number {
  const slack = TOLERANCE * Math.max(1, Math.abs(than));
  return (sense === "min" ? value - than : than - value) - slack;
}

/** Each bound of `cut` holds for `best`, as long as `best` keeps what the stages before reached. True where it keeps all. */
function expectBracket(problem: PlacementProblem, cut: Plan, best: Plan): boolean {
  for (const entry of cut.certificate) {
    expect(excess(entry, entry.bound, entry.reached)).toBeLessThanOrEqual(0);
    const value = worthOf(problem, best, entry.stage);
    expect({ stage: entry.stage, excess: Math.max(0, excess(entry, entry.bound, value)) }).toEqual({
      stage: entry.stage,
      excess: 0,
    });
    if (excess(entry, value, entry.reached) > 0) return false;
  }
  return true;
}

async function expectTrueBounds(asked: PlacementProblem, options: SolveOptions) {
  const best = await solved(asked);
  expect(best.status).toBe("optimal");
  const cut = await solved(asked, options);
  expect(compareClasses(asked, best, cut)).toBeLessThanOrEqual(0);
  if (cut.status === "optimal") expect(compareClasses(asked, best, cut)).toBe(0);
  expect(cut.objective.bound).toBeLessThanOrEqual(cut.objective.primal);
  const first = cut.classes[0];
  if (first) expect(first.levelBound).toBeGreaterThanOrEqual(best.classes[0]!.level - TOLERANCE);
  if (!expectBracket(asked, cut, best)) return;
  const { primal, bound, gap } = cut.objective;
  expect(bound).toBeLessThanOrEqual(best.objective.primal + TOLERANCE);
  expect(gap).toBeGreaterThanOrEqual((primal - best.objective.primal) / Math.max(1e-9, Math.abs(primal)) - TOLERANCE);
}

// no dominant shares and no request types: `profile` computes what they are worth without help of the solver
const CUT = {
  ...EVERYTHING,
  rules: EVERYTHING.rules.filter((r) => r !== "dominant-share"),
  types: false,
  quotas: false,
  mins: false,
};

/** A clock that moves by one unit each time it is read: cuts at a checkpoint, not at a time. */
function ticking(limit: number): SolveOptions {
  const unit = 1e6;
  let reads = 0;
  return { timeLimitMs: limit * unit, nowMs: () => unit * reads++ };
}

test("property: bounds are true after 0, 1 and 5 ms", () =>
  fc.assert(
    fc.asyncProperty(tinyProblem(CUT), fc.constantFrom(0, 1, 5), (asked, timeLimitMs) =>
      expectTrueBounds(asked, { timeLimitMs }),
    ),
    runs(60),
  ));

test("property: bounds are true at any checkpoint", () =>
  fc.assert(
    fc.asyncProperty(tinyProblem(CUT), fc.nat(24), (asked, reads) => expectTrueBounds(asked, ticking(reads))),
    runs(60),
  ));

test("property: bounds of the heuristic, which searches nothing, are true", () =>
  fc.assert(
    fc.asyncProperty(tinyProblem(CUT), (asked) => expectTrueBounds(asked, { engine: "heuristic" })),
    runs(60),
  ));

test("property: a cut at a checkpoint can be repeated", () =>
  fc.assert(
    fc.asyncProperty(tinyProblem(EVERYTHING), fc.nat(24), async (asked, reads) => {
      const text = (plan: Plan) => JSON.stringify({ ...plan, elapsedMs: 0 });
      expect(text(await solved(asked, ticking(reads)))).toBe(text(await solved(asked, ticking(reads))));
    }),
    runs(20),
  ));

test("property: under objective penalty the bound of a cut is below the best, and the gap is true", () =>
  fc.assert(
    fc.asyncProperty(
      tinyProblem({ ...EVERYTHING, objective: "penalty", mins: false }),
      fc.constantFrom(0, 1, 5),
      async (asked, timeLimitMs) => {
        const best = await solved(asked);
        const { primal, bound, gap } = (await solved(asked, { timeLimitMs })).objective;
        // a guarantee that was planned in less time promises less: then the floors are others
        if (asked.quotas.some((q) => q.guaranteedDevices > 0)) return;
        expect(bound).toBeLessThanOrEqual(best.objective.primal + TOLERANCE);
        expect(primal).toBeGreaterThanOrEqual(best.objective.primal - TOLERANCE);
        expect(gap).toBeGreaterThanOrEqual(
          (primal - best.objective.primal) / Math.max(1e-9, Math.abs(primal)) - TOLERANCE,
        );
      },
    ),
    runs(30),
  ));
