import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../support/runs.ts";
import { planOf, solved } from "../support/solved.ts";
import { EVERYTHING, tinyProblem } from "../support/tiny.ts";

/*
 * Why it holds for integer leximin. Let P be best at weight w of workload m and Q be a plan that gives m less (q < p). A step of
 * F at a/w says "somebody misses every t above". Dividing all weights by another smallest weight only stretches t, so take them
 * undivided: raising w to w' moves m's step from q/w to q/w' in Q (and from p/w to p/w' in P) and nothing else. Let t be the first place
 * where the steps of the others differ. P is at least as good as Q at w. If t < q/w', the others decide, then as now. If
 * t ≥ q/w', Q has m's step at q/w' and P does not, while the others are alike up to there or (t = q/w' < q/w) worse in Q: Q is
 * worse. So no best plan at w' gives m less. For `total` and `proportional` it is the usual exchange argument. On a
 * ladder (large classes) steps are rounded up to rungs and it may fail. Guarantees are left out: a higher weight of one workload lowers
 * what its tenant's other workloads would get alone, which are floors. Dominant shares are no exception: D does not depend on weights.
 */
test("property: raising a weight never lowers that workload's attainment", () =>
  fc.assert(
    fc.asyncProperty(
      tinyProblem({ ...EVERYTHING, quotas: false, mins: false }),
      fc.nat(3),
      fc.constantFrom(1.25, 1.5, 2, 3, 10, 1000),
      async (asked, at, factor) => {
        const { name } = asked.workloads[at % asked.workloads.length]!;
        const workloads = asked.workloads.map((w) => (w.name === name ? { ...w, weight: w.weight * factor } : w));
        const before = planOf(await solved(asked), name).attainment;
        const after = planOf(await solved({ ...asked, workloads }), name).attainment;
        expect(after).toBeGreaterThanOrEqual(before - 1e-6);
      },
    ),
    runs(80),
  ));
