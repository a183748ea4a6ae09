import type { Note } from "../domain/reason-codes.ts";
import type { Snapshot } from "../snapshot/types.ts";
import type { HeldPlan, Memory, Proposal } from "../snapshot/world/memory.ts";
import type { Mode, Policy } from "../snapshot/world/types.ts";
import type { Bounds } from "./bounds.ts";
import type { VariantBounds } from "./bounds-layers.ts";
import { type Change, withinBudget } from "./budget.ts";

/** A plan as the guard sees it: counts, and the variants whose floors the solver names as not to be kept. */
export interface PlannedReplicas {
  replicas: ReadonlyMap<string, number>;
  conflicting: ReadonlySet<string>;
}

/** What may be done about a plan in this cycle. */
export interface Decision {
  /** Whether anything is written; `counts` is then what. */
  act: boolean;
  /** What every target should have now, by variant; of those left alone what they have. */
  counts: Record<string, number>;
  /** Variants whose count is not what it was asked for, with `act` to be written. */
  changes: { variant: string; from: number; to: number }[];
  /** About the cycle as a whole. */
  notes: Note[];
  /** About single variants: what was cut, and why. */
  variantNotes: Record<string, Note[]>;
  /** Set: the cycle holds; the last good plan stays the one that is shown. */
  held?: Note;
  /** What the memory keeps of it. */
  memory: Pick<Memory, "lastPlan" | "proposal" | "approvedRevision">;
}

export interface AfterInput {
  policy: Policy;
  memory: Memory;
  revision: number;
  nowMs: number;
  bounds: Bounds;
  snapshot: Snapshot;
  plan: PlannedReplicas;
}

/** Nothing is written, nothing shrinks, nothing grows. */
export function heldDecision(memory: Memory, bounds: Bounds, held: Note): Decision {
  const counts = Object.fromEntries([...bounds].map(([variant, { asked }]) => [variant, asked]));
  const { lastPlan, proposal, approvedRevision } = memory;
  return {
    act: false,
    counts,
    changes: [],
    notes: [held],
    variantNotes: {},
    held,
    memory: { lastPlan, proposal, approvedRevision },
  };
}

/**
 * A plan against bounds, budget and mode. It holds where the plan is not what was asked for: a count above its bounds, or one
 * below them that the solver does not name as a conflict.
 */
export function decide(input: AfterInput): Decision {
  const outside = outsideBounds(input.bounds, input.plan);
  if (outside !== undefined) return heldDecision(input.memory, input.bounds, outside);
  const { policy, bounds, plan } = input;
  const approved = policy.mode === "approve" ? approvedProposal(input) : undefined;
  const wished = approved === undefined ? plan.replicas : clipped(approved, bounds);
  const { counts, variantNotes } = cutCounts(input, wished, approved !== undefined);
  const changes = Object.entries(counts)
    .map(([variant, to]) => ({ variant, from: bounds.get(variant)?.asked ?? 0, to }))
    .filter(({ from, to }) => from !== to);
  const held: HeldPlan = { revision: input.revision, atMs: input.nowMs, replicas: Object.fromEntries(plan.replicas) };
  const decision = { counts, changes, variantNotes };
  if (policy.mode === "approve") return { ...decision, ...approval(input, held, approved, changes) };
  return {
    ...decision,
    act: policy.mode === "act",
    notes: modeNotes(policy.mode),
    memory: { lastPlan: held },
  };
}

/** The first variant whose count is not within its bounds. */
function outsideBounds(bounds: Bounds, { replicas, conflicting }: PlannedReplicas): Note | undefined {
  for (const [variant, count] of replicas) {
    const range = bounds.get(variant);
    if (range !== undefined && count <= range.maxReplicas && (count >= range.minReplicas || conflicting.has(variant))) {
      continue;
    }
    const allowed = range === undefined ? "nothing" : `${range.minReplicas} to ${range.maxReplicas}`;
    return { code: "PlanOutsideBounds", sentence: `the plan gives ${variant} ${count} where ${allowed} is allowed` };
  }
  return undefined;
}

interface CutCounts {
  counts: Record<string, number>;
  variantNotes: Record<string, Note[]>;
}

function cutCounts(
  { policy, bounds, snapshot }: AfterInput,
  wished: ReadonlyMap<string, number>,
  checkAll: boolean,
): CutCounts {
  const changes: Change[] = snapshot.workloads.flatMap((workload) =>
    workload.variants.flatMap((variant) => {
      const range = bounds.get(variant.name);
      if (range === undefined) return [];
      return [{ variant, workload, ...changeOf(range, wished.get(variant.name)) }];
    }),
  );
  const granted = withinBudget(snapshot, changes, {
    ...(policy.maxStartsPerCycle === undefined ? {} : { maxStarts: policy.maxStartsPerCycle }),
    ...(policy.maxStopsPerCycle === undefined ? {} : { maxStops: policy.maxStopsPerCycle }),
    checkAll,
  });
  const counts: Record<string, number> = Object.fromEntries([...bounds].map(([name, { asked }]) => [name, asked]));
  const variantNotes: Record<string, Note[]> = {};
  changes.forEach(({ variant, starts, stops }, i) => {
    const count = grantedCount(bounds.get(variant.name)!, wished.get(variant.name), {
      starts: starts - granted.starts[i]!,
      stops: stops - granted.stops[i]!,
    });
    counts[variant.name] = count;
    if (granted.notes[i]!.length > 0) variantNotes[variant.name] = granted.notes[i]!;
  });
  return { counts, variantNotes };
}

/**
 * Starts count from what is asked for already, stops from what supplies something: removing a dead replica stops nothing. What
 * is left alone goes on even where the solver found no room for it: its place is nobody's.
 */
function changeOf(range: VariantBounds, wished: number | undefined): Pick<Change, "starts" | "stops" | "keep"> {
  if (wished === undefined) return { starts: 0, stops: 0 };
  const stops = Math.max(0, range.current - wished);
  if (range.leaveAlone) {
    return {
      starts: 0,
      stops,
      keep: { code: "LeftAlone", sentence: `nothing is written to it: it keeps ${range.asked}` },
    };
  }
  const starts = Math.max(0, wished - range.asked);
  if (!range.neverShrink) return { starts, stops };
  const sentence = `${range.asked} are asked for, and not all of the demand is known`;
  return { starts, stops, keep: { code: "NeverShrinkOnMissingData", sentence } };
}

function grantedCount(
  range: VariantBounds,
  wished: number | undefined,
  missing: { starts: number; stops: number },
): number {
  if (wished === undefined || range.leaveAlone) return range.asked;
  const count = wished - missing.starts + missing.stops;
  return range.neverShrink ? Math.max(count, range.asked) : count;
}

function modeNotes(mode: Mode): Note[] {
  if (mode === "observe") return [{ code: "ModeObserve", sentence: "mode observe: nothing is written" }];
  if (mode === "recommend") {
    return [{ code: "ModeRecommend", sentence: "mode recommend: the plan is shown, and nothing is written" }];
  }
  return [];
}

function approvedProposal({ memory }: AfterInput): Proposal | undefined {
  const { proposal, approvedRevision } = memory;
  return proposal !== undefined && proposal.revision === approvedRevision ? proposal : undefined;
}

/** What was approved, inside the bounds of now; a variant that it does not name keeps what it has. */
function clipped(proposal: Proposal, bounds: Bounds): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [variant, { minReplicas, maxReplicas, asked }] of bounds) {
    const replicas = Object.hasOwn(proposal.replicas, variant) ? proposal.replicas[variant]! : asked;
    counts.set(variant, Math.min(Math.max(replicas, minReplicas), maxReplicas));
  }
  return counts;
}

/**
 * Mode approve: an approved proposal is carried out, over several cycles where a budget cuts it, and then done with. Without
 * one the plan is the proposal; while it does not change, it keeps its revision, so that what a person read is what they
 * approve.
 */
function approval(
  { memory }: AfterInput,
  held: HeldPlan,
  approved: Proposal | undefined,
  changes: Decision["changes"],
): Pick<Decision, "act" | "notes" | "memory"> {
  if (approved !== undefined && changes.length > 0) {
    const sentence = `what was proposed as revision ${approved.revision} is approved`;
    return {
      act: true,
      notes: [{ code: "Approved", sentence }],
      memory: { lastPlan: held, proposal: approved, approvedRevision: approved.revision },
    };
  }
  if (approved !== undefined || changes.length === 0) return { act: false, notes: [], memory: { lastPlan: held } };
  const same = memory.proposal !== undefined && sameCounts(memory.proposal.replicas, held.replicas);
  const proposal: Proposal = same ? memory.proposal! : { ...held, summary: summaryOf(changes) };
  const sentence = `revision ${proposal.revision} waits for approval: ${proposal.summary}`;
  return { act: false, notes: [{ code: "WaitsForApproval", sentence }], memory: { lastPlan: held, proposal } };
}

function sameCounts(a: Record<string, number>, b: Record<string, number>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}

function summaryOf(changes: Decision["changes"]): string {
  const parts = changes.map(({ variant, from, to }) => `${variant} ${from} → ${to}`);
  return parts.length <= 5 ? parts.join(", ") : `${parts.slice(0, 5).join(", ")} and ${parts.length - 5} more`;
}
