import { threadBackend } from "../../src/engines/thread.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";
import type { Outcome, Point } from "../job.ts";
import { peakRssMib } from "../solved.ts";
import { envelope, finite, gapOf } from "../trajectory.ts";
import { penaltyMilp } from "./penalty-milp.ts";

/** The engine's own thread without the size limit of `engine: "highs"`, which is there because of what this measures. */
const highs = threadBackend("highs", new URL("../../src/engines/highs-worker.ts", import.meta.url));

/** HiGHS in WebAssembly on the same model as the native one gets, with the settings that this solver gives it. */
export async function highsWasm(problem: PlacementProblem, limitMs: number): Promise<Outcome> {
  const milp = penaltyMilp(problem);
  const points: Point[] = [];
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const answer = await highs.solve(milp, {
    timeLimitMs: limitMs,
    gap: 1e-6,
    onProgress: (plan, bound) => points.push({ ms: elapsed(), plan: finite(plan), bound: finite(bound) }),
  });
  const ms = elapsed();
  points.push({ ms, plan: finite(answer.objective), bound: finite(answer.bound) });
  const last = envelope(points).at(-1)!;
  if (last.plan === null) throw new Error(`HiGHS (WebAssembly) has no plan after ${Math.round(ms)} ms`);
  return {
    ms,
    plan: last.plan,
    bound: last.bound,
    gap: gapOf(last),
    proved: answer.status === "optimal",
    rssMib: peakRssMib(),
    trajectory: points,
    served: [],
    proofs: [],
    ladderMs: null,
  };
}
