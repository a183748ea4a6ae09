import type { Progress } from "../src/index.ts";
import type { ClassReport, Plan } from "../src/plan/types.ts";
import type { PlacementProblem } from "../src/problem/types.ts";
import type { ClassProof } from "./job.ts";

const OPEN = 1e-6;

/** Normalised as in F: divided by the smallest weight of the class. */
function classWeight(problem: PlacementProblem, priority: number): number {
  const weights = problem.workloads
    .filter((w) => w.priority === priority && w.demandPerSecond > 0)
    .map((w) => w.weight);
  return weights.reduce((sum, w) => sum + w, 0) / Math.min(...weights);
}

/**
 * When a stage was settled, as progress shows it: a later stage has begun. Stages that need no work report nothing, so this is never
 * too early; a stage with none after it is settled when the call ends.
 */
function settledMs(plan: Plan, events: readonly Progress[], stage: string, endMs: number): number {
  const order = new Map(plan.certificate.map((entry, i) => [entry.stage, i]));
  const at = order.get(stage) ?? Number.POSITIVE_INFINITY;
  return events.find((e) => (order.get(e.stage) ?? -1) > at)?.elapsedMs ?? endMs;
}

/**
 * The lowest level is proved within one rung where the rungs below are reached by all and the next one is proved to be missed by somebody;
 * the first event that shows that bound, or the end of its stage, is the time.
 */
function levelMs(plan: Plan, c: ClassReport, events: readonly Progress[], endMs: number): number | null {
  const missed = c.ladder.findIndex((r) => r.reached > OPEN);
  const last = c.ladder.at(-1);
  if (!last) return null;
  if (missed < 0) return settledMs(plan, events, `class/${c.priority}/F(${last.rung})`, endMs);
  const rung = c.ladder[missed]!;
  if (rung.bound <= OPEN) return null;
  const stage = `class/${c.priority}/F(${rung.rung})`;
  const shown = events.find((e) => e.stage === stage && e.bound > OPEN)?.elapsedMs ?? endMs;
  return Math.min(shown, settledMs(plan, events, stage, endMs));
}

export function proofsOf(
  problem: PlacementProblem,
  plan: Plan,
  events: readonly Progress[],
  endMs: number,
): ClassProof[] {
  return plan.classes
    .filter((c) => c.ladder.length > 0)
    .map((c) => {
      const openWeight = Math.max(0, ...c.ladder.map((r) => r.reached - r.bound));
      return {
        priority: c.priority,
        levelMs: levelMs(plan, c, events, endMs),
        openWeight,
        openShare: openWeight / classWeight(problem, c.priority),
      };
    });
}

/** When the last class was settled. */
export function ladderMs(plan: Plan, events: readonly Progress[], endMs: number): number | null {
  const last = plan.certificate.findLast((entry) => entry.stage.startsWith("class/"));
  return last ? settledMs(plan, events, last.stage, endMs) : null;
}
