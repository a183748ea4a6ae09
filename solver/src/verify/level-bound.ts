import type { ClassReport } from "../plan/types.ts";
import { REACH_TOLERANCE, REPORT_TOLERANCE } from "./findings.ts";
import { type ClassFacts, threshold } from "./goals.ts";
import type { Measured } from "./stages.ts";
import type { WorkloadFacts } from "./world.ts";

/** Sums tried for one workload before the question is left open. */
const MOST_STEPS = 20_000;

/** True where whole replicas can give an attainment strictly between the two values: then a level between them is possible. */
function attainableBetween({ world, boxes }: Measured, w: WorkloadFacts, low: number, high: number): boolean {
  const sums = (roles: string[]): boolean => {
    const own = w.variants.filter((i) => roles.includes(world.variants.given[i]!.role));
    const items = own.map((i) => ({ gain: world.variants.gain[i]!, most: boxes.high[i]! }));
    items.sort((a, b) => b.gain - a.gain);
    let steps = 0;
    const visit = (i: number, sum: number): boolean => {
      if (sum > low) return sum < high;
      if (i === items.length || ++steps > MOST_STEPS) return false;
      const { gain, most } = items[i]!;
      for (let k = Math.min(most, Math.floor((high - sum) / gain)); k >= 0; k--)
        if (visit(i + 1, sum + k * gain)) return true;
      return false;
    };
    return visit(0, 0);
  };
  if (w.kind === "plain") return sums(["both"]);
  return w.kind === "lanes" && (sums(["both", "prefill"]) || sums(["both", "decode"]));
}

/**
 * Whether the ladder shows that no plan passes `levelBound`: some workload must miss the first rung with a bound above 0, so the
 * level stays below that rung, and below the highest attainable level under it. Returns why not.
 */
export function levelBoundGap(measured: Measured, cls: ClassFacts, report: ClassReport): string | undefined {
  const { world, goals } = measured;
  const short = report.ladder.find((r) => r.bound > REPORT_TOLERANCE);
  if (report.levelBound >= (short?.rung ?? 1) - 1e-6) return undefined;
  if (!short) return "no rung is proved out of reach";
  for (const m of cls.members) {
    const low = goals.weight[m]! * report.levelBound + 3 * REACH_TOLERANCE;
    const high = threshold(goals, m, short.rung) - 3 * REACH_TOLERANCE;
    if (goals.weight[m]! > 0 && low < high && attainableBetween(measured, world.workloads[m]!, low, high))
      return `${world.workloads[m]!.name} can lie between it and the first rung that is out of reach (${short.rung})`;
  }
  return undefined;
}
