import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type FleetOptions, fleet } from "../../bench/generator.ts";
import { parseProblem, solve } from "../../src/index.ts";

const RULES: FleetOptions["rule"][] = ["max-min", "proportional", "total", "dominant-share", "penalty"];

/** The short form of the benchmarks, so that they cannot rot: correctness only, no clock. */
describe("benchmark fleets", () => {
  const small = { workloads: 8, pools: 4, ratio: 1, seed: 3, shapes: true };

  it("are the same on every machine", () => {
    const text = JSON.stringify(fleet({ ...small, rule: "max-min" }));
    expect(text).toBe(JSON.stringify(fleet({ ...small, rule: "max-min" })));
    expect(createHash("sha256").update(text).digest("hex").slice(0, 16)).toBe("71ce203685bb28d7");
  });

  it.each(RULES)("are valid problems, and proved, by rule %s", async (rule) => {
    const problem = fleet({ ...small, rule });
    expect(parseProblem(JSON.parse(JSON.stringify(problem))).ok).toBe(true);
    expect((await solve(problem, { timeLimitMs: 60_000 })).status).toBe("optimal");
  });
});
