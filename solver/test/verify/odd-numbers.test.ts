import { describe, expect, it } from "vitest";
import { verify } from "../../src/verify/verify.ts";
import { good, problem, result } from "./mutated-plan.ts";

describe("verify of the plan that the mutations start from", () => {
  it("finds nothing wrong", () => {
    expect(verify(problem, good).findings).toEqual([]);
    expect(good.status).toBe("optimal");
    expect(result.classes.map((c) => c.level < 1)).toEqual([true, true, true]);
  });

  it("any number replaced by one that means nothing, without throwing", () => {
    for (const odd of [Number.NaN, -1e300, 1e300, Number.POSITIVE_INFINITY]) {
      const plan = structuredClone(good);
      let replaced = 0;
      const visit = (node: Record<string, unknown>): void => {
        for (const [key, value] of Object.entries(node)) {
          if (typeof value === "number" && key !== "elapsedMs") {
            node[key] = odd;
            const report = verify(problem, plan);
            expect(report.ok, `${key} = ${odd}`).toBe(key === "shadowPrice" && odd === 1e300);
            node[key] = value;
            replaced++;
          } else if (value !== null && typeof value === "object") visit(value as Record<string, unknown>);
        }
      };
      visit(plan as unknown as Record<string, unknown>);
      expect(replaced).toBeGreaterThan(80);
    }
  });
});
