import { describe, expect, it } from "vitest";
import { chart } from "../../bench/sizing/chart.ts";
import { ANALYZERS, judge } from "../../bench/sizing/judge.ts";
import { report } from "../../bench/sizing/report.ts";
import { configurations } from "./configurations.ts";

describe("the benchmark of sized rates, short", () => {
  const few = configurations(8, 77);
  const verdicts = few.flatMap((configuration, i) => judge(configuration, { requests: 500, seed: i }));

  it("judges every configuration that some rate serves, and the predecessors where they have such a target", () => {
    const of = (analyzer: (typeof ANALYZERS)[number]) => verdicts.filter((one) => one.analyzer === analyzer);
    expect(of("continuous").map((one) => one.configuration)).toEqual(few.map(({ name }) => name));
    const theirs = few.filter(
      ({ profile, targets: { ttftMs, itlMs, tpotMs } }) =>
        profile.pipelineParallelSize === undefined && (ttftMs ?? itlMs ?? tpotMs) !== undefined,
    );
    for (const dialect of ["D1", "D2", "D3"] as const)
      expect(of(dialect).map((one) => one.configuration)).toEqual(theirs.map(({ name }) => name));
    for (const { rateShare, missesOverAllowed } of verdicts) {
      expect(rateShare).toBeGreaterThanOrEqual(0);
      expect(missesOverAllowed >= 0 || rateShare === 0).toBe(true);
    }
  });

  it("finds that a rate far above the highest misses, and one far below meets", () => {
    for (const { rateShare, missesOverAllowed } of verdicts) {
      if (rateShare > 1.5) expect(missesOverAllowed).toBeGreaterThan(1);
      if (rateShare > 0 && rateShare < 0.7) expect(missesOverAllowed).toBeLessThanOrEqual(1);
    }
  });

  it("writes a line for each analyzer and a dot for each rate", () => {
    const lines = report(verdicts).join("\n");
    for (const analyzer of ANALYZERS) expect(lines).toContain(`| ${analyzer} (`);
    const dots = verdicts.filter((one) => !Number.isNaN(one.missesOverAllowed)).length;
    expect(chart(verdicts).split("<circle").length - 1).toBe(dots + ANALYZERS.length);
  });
});
