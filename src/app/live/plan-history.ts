import type { PlanSummary } from "../../ports/live.ts";
import type { CycleOutcome } from "./cycle.ts";

/** Four hours of cycles every fifteen seconds. */
const MOST = 960;

/**
 * The last plans of this process, newest first. Of cycles in a row that say the same the first and the newest are kept; a
 * longer history is in the metrics.
 */
export class PlanHistory {
  readonly #plans: PlanSummary[] = [];

  add(summary: PlanSummary): void {
    const [before, last] = this.#plans.slice(-2);
    if (before !== undefined && last !== undefined && saysTheSame(before, last) && saysTheSame(last, summary)) {
      this.#plans.pop();
    }
    this.#plans.push(summary);
    if (this.#plans.length > MOST) this.#plans.shift();
  }

  newest(limit: number): PlanSummary[] {
    return this.#plans.slice(-limit).reverse();
  }
}

function saysTheSame(a: PlanSummary, b: PlanSummary): boolean {
  const { revision: _a, plannedAtMs: _at, ...before } = a;
  const { revision: _b, plannedAtMs: _bt, ...after } = b;
  return JSON.stringify(before) === JSON.stringify(after);
}

export function planSummary(outcome: CycleOutcome, plan: CycleOutcome["solved"]): PlanSummary {
  const { world, revision, decision, states } = outcome;
  const held = decision.held;
  const replicas = [...states.values()];
  return {
    revision,
    plannedAtMs: world.takenAtMs,
    mode: world.policy.mode,
    status: held === undefined ? (plan?.plan.status ?? "none") : "held",
    costPerHour: plan?.plan.objective.primal ?? 0,
    gap: plan?.plan.objective.gap ?? 0,
    ...(held === undefined ? {} : { heldBecause: `${held.code}: ${held.sentence}` }),
    changes: decision.changes.map(({ variant, from, to }) => ({ variant, from, to })),
    classes: classAttainments(plan),
    readyReplicas: replicas.reduce((sum, { ready }) => sum + ready, 0),
    desiredReplicas: replicas.reduce((sum, { asked }) => sum + asked, 0) + netChange(decision.changes),
  };
}

function netChange(changes: readonly { from: number; to: number }[]): number {
  return changes.reduce((sum, { from, to }) => sum + to - from, 0);
}

function classAttainments(solved: CycleOutcome["solved"]): PlanSummary["classes"] {
  if (solved === undefined) return [];
  const attained = new Map(solved.plan.workloads.map(({ name, attainment }) => [name, attainment]));
  const byClass = Map.groupBy(solved.problem.workloads, ({ priority }) => priority);
  return [...byClass]
    .sort(([a], [b]) => a - b)
    .map(([priority, members]) => {
      const attainments = members.map(({ name }) => attained.get(name) ?? 0);
      const sum = attainments.reduce((total, attainment) => total + attainment, 0);
      return { priority, lowest: Math.min(...attainments), mean: sum / attainments.length };
    });
}
