import type { Mode } from "../snapshot/world/types.ts";
import type { PolicyStatus } from "./types.ts";
import { planReference, type StatusInput } from "./variant-status.ts";

type PolicyStatusInput = Pick<StatusInput, "world" | "revision" | "plan" | "decision" | "written">;

/** Status of the `PlacementPolicy`: what the scope as a whole stands at, on one line. */
export function policyStatus(input: PolicyStatusInput, leader: string): PolicyStatus {
  const { proposal } = input.decision.memory;
  const lastPlan = planReference(input);
  return {
    leader,
    summary: summaryOf(input),
    ...(lastPlan === undefined ? {} : { lastPlan }),
    ...(proposal === undefined ? {} : { proposal: { revision: proposal.revision, summary: proposal.summary } }),
  };
}

function summaryOf({ world, plan, decision, written }: PolicyStatusInput): string {
  const { held, notes } = decision;
  if (held !== undefined) return `held: ${held.code}: ${held.sentence}`;
  if (plan === undefined) return notes[0]?.sentence ?? "nothing can be planned";
  const short = plan.workloads.filter((workload) => workload.attainment < 1).length;
  const served = short === 0 ? "all served" : `${short} short of their demand`;
  return `${plan.workloads.length} workloads, ${served}; ${changesText(world.policy.mode, decision.changes.length, written.size)}`;
}

function changesText(mode: Mode, changes: number, written: number): string {
  if (changes === 0) return "nothing changes";
  if (mode === "act" || written > 0) return `${written} of ${changes} changes written`;
  return `${changes} changes are not written in mode ${mode}`;
}
