import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { solve } from "../../src/index.ts";

/** The price engine alone against the exact one: its bounds hold, its plans are plans. `solve` has every plan checked. */
describe("prices against the search", () => {
  const cells = [2, 1, 0.7].flatMap((ratio) => [1, 2, 3].map((seed) => ({ ratio, seed })));
  it.each(cells)(
    "penalty, capacity $ratio, seed $seed: the bound is below the optimum, the plan is not",
    async ({ ratio, seed }) => {
      const problem = fleet({ workloads: 12, pools: 4, ratio, seed, rule: "penalty", shapes: true });
      const [prices, exact] = [await solve(problem, { engine: "price" }), await solve(problem, { engine: "highs" })];
      const slack = 1e-6 * Math.abs(exact.objective.primal);
      expect(exact.status).toBe("optimal");
      expect(prices.objective.bound).toBeLessThanOrEqual(exact.objective.primal + slack);
      expect(prices.objective.primal).toBeGreaterThanOrEqual(exact.objective.bound - slack);
      expect(prices.certificate.every((c) => c.method !== "search")).toBe(true);
    },
  );

  it("a fleet of 500 workloads with room for all is proved by prices alone within 0.1 %", async () => {
    const problem = fleet({ workloads: 500, pools: 10, ratio: 2, seed: 1, rule: "penalty", shapes: true });
    const plan = await solve(problem, { engine: "price" });
    expect(plan.objective.gap).toBeLessThan(1e-3);
    expect(plan.certificate.map((c) => c.method)).toEqual(["dual"]);
  });
});
