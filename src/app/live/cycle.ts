import type { PlacementProblem, Plan } from "@apportion/solver";
import { drainSteps, NO_DRAIN } from "../../actuation/drain.ts";
import { orderChanges } from "../../actuation/order.ts";
import type { Drain, Order } from "../../actuation/types.ts";
import type { Note } from "../../domain/reason-codes.ts";
import { type Decision, decide, heldDecision } from "../../guard/after.ts";
import { type Bounds, behavedBounds, recommendationBounds } from "../../guard/bounds.ts";
import { replicasToMove } from "../../guard/drain.ts";
import { givingWay } from "../../guard/giving-way.ts";
import { holdReason } from "../../guard/hold.ts";
import { observedWorld } from "../../guard/memory.ts";
import type { ReplicaStates } from "../../model/replicas/types.ts";
import { isShortOfPresent, servesMoreNow, withPresentDemand } from "../../plan/demand/present-first.ts";
import { conflictingVariants, planCounts } from "../../plan/plan-counts.ts";
import { worldToSnapshot } from "../../plan/world-to-snapshot.ts";
import type { ResolvedWorld } from "../../plan/world-to-snapshot-resolve.ts";
import type { Snapshot } from "../../snapshot/types.ts";
import type { World } from "../../snapshot/world/types.ts";

/** A plan with the problem that it answers. */
export interface Solved {
  problem: PlacementProblem;
  plan: Plan;
}

/** Solves the problem that a snapshot poses. Rejects where it cannot: the cycle then holds. */
export type SolveSnapshot = (snapshot: Snapshot) => Promise<Solved>;

/** What one cycle made of a world; nothing of it is carried out yet. */
export interface CycleOutcome {
  /** The world with the memory of this cycle. */
  world: World;
  revision: number;
  states: ReplicaStates;
  resolved: ResolvedWorld;
  bounds: Bounds;
  /** Absent where the cycle holds, or there is nothing to plan. */
  solved?: Solved;
  /** What the plan without behavior gave each variant. */
  recommended: ReadonlyMap<string, number>;
  decision: Decision;
  order: Order;
  /** What moves without a change of counts. */
  drain: Drain;
}

/**
 * One cycle, as a function of the world:
 * 1. what became of replicas, and what that teaches (start times, trust, quarantine, manual pins);
 * 2. bounds before the solve: policy, overrides, trust, missing data;
 * 3. the problem of what is left, and its plan: the recommendation;
 * 4. behavior: where a recommendation lies outside what stabilization and rates allow, the plan inside them;
 * 5. what may be done of it: budgets, mode, approval;
 * 6. in which order.
 */
export async function planCycle(taken: World, solve: SolveSnapshot): Promise<CycleOutcome> {
  const revision = taken.memory.revision + 1;
  const hold = holdReason(taken);
  const { world, states, resolved } = observedWorld(taken);
  const bounds = recommendationBounds(world, states, resolved);
  const parts = { world, revision, states, resolved };
  if (hold !== undefined) return heldOutcome(parts, bounds, hold);
  const snapshot = worldToSnapshot(world, states, resolved, bounds);
  if (snapshot === undefined) return emptyOutcome(parts, bounds);
  try {
    const asked = await recommendationOf(parts, bounds, snapshot, solve);
    return await behavingPlan(asked, bounds, solve);
  } catch (error) {
    const sentence = `the solver failed: ${error instanceof Error ? error.message : String(error)}`;
    return heldOutcome(parts, bounds, { code: "SolverFailed", sentence });
  }
}

interface Asked {
  parts: Parts;
  snapshot: Snapshot;
  recommendation: Solved;
}

/** So long it is planned for the present once devices were too few for more: to and fro would start and stop the same replicas. */
const PRESENT_MS = 300_000;

/** The plan without behavior: ahead of demand where that leaves nobody short of what is asked now, else for that alone. */
async function recommendationOf(
  parts: Parts,
  bounds: Bounds,
  snapshot: Snapshot,
  solve: SolveSnapshot,
): Promise<Asked> {
  const { world, states, resolved } = parts;
  const { presentUntilMs = 0, ...memory } = world.memory;
  const now = withPresentDemand(resolved);
  const forPresent = async (untilMs: number): Promise<Asked> => {
    const present = worldToSnapshot(world, states, now, bounds) ?? snapshot;
    const kept = { ...world, memory: { ...memory, presentUntilMs: untilMs } };
    return { parts: { ...parts, world: kept, resolved: now }, snapshot: present, recommendation: await solve(present) };
  };
  if (world.takenAtMs < presentUntilMs) return forPresent(presentUntilMs);
  const ahead = await solve(snapshot);
  const tried = { parts: { ...parts, world: { ...world, memory } }, snapshot, recommendation: ahead };
  if (!isShortOfPresent(ahead.plan, resolved)) return tried;
  const asked = await forPresent(world.takenAtMs + PRESENT_MS);
  return servesMoreNow(asked.recommendation.plan, ahead.plan, resolved, now) ? asked : tried;
}

/** The plan inside behavior, whose windows give way where they would keep a higher class short. */
async function behavingPlan(
  { parts, snapshot, recommendation }: Asked,
  bounds: Bounds,
  solve: SolveSnapshot,
): Promise<CycleOutcome> {
  const { world, states, resolved } = parts;
  const recommended = behaving(planCounts(recommendation.plan), bounds);
  const behaved = behavedBounds(world, states, resolved, recommended);
  const planned = { snapshot, solved: recommendation, recommended };
  if (behaved.limited.length === 0) return decided(parts, { ...planned, bounds: behaved.bounds });
  const inside = worldToSnapshot(world, states, resolved, behaved.bounds) ?? snapshot;
  const solved = await solve(inside);
  const giving = givingWay(resolved, recommendation.plan, solved.plan);
  if (giving.size === 0) return decided(parts, { snapshot: inside, solved, recommended, bounds: behaved.bounds });
  const { bounds: given } = behavedBounds(world, states, resolved, recommended, giving);
  const after = worldToSnapshot(world, states, resolved, given) ?? snapshot;
  return decided(parts, { snapshot: after, solved: await solve(after), recommended, bounds: given });
}

type Parts = Pick<CycleOutcome, "world" | "revision" | "states" | "resolved">;

/** Of counts that somebody decided there is nothing to recommend. */
function behaving(counts: ReadonlyMap<string, number>, bounds: Bounds): Map<string, number> {
  return new Map([...counts].filter(([variant]) => bounds.get(variant)?.behaves));
}

interface Planned {
  bounds: Bounds;
  snapshot: Snapshot;
  solved: Solved;
  recommended: ReadonlyMap<string, number>;
}

function decided(parts: Parts, { bounds, snapshot, solved, recommended }: Planned): CycleOutcome {
  const { world, revision } = parts;
  const decision = decide({
    policy: world.policy,
    memory: world.memory,
    revision,
    nowMs: world.takenAtMs,
    bounds,
    snapshot,
    plan: { replicas: planCounts(solved.plan), conflicting: conflictingVariants(solved.plan) },
  });
  const own = decision.changes.filter(({ variant }) => bounds.get(variant)?.handed !== true);
  const order = orderChanges(world, parts.states, parts.resolved, own);
  const drain =
    world.policy.mode === "act" && decision.held === undefined ? drainOf(parts, bounds, decision) : NO_DRAIN;
  return { ...parts, bounds, solved, recommended, decision, order, drain };
}

/** Of what a person suspended or froze nothing is moved; missing data and other autoscalers are about counts alone. */
const STAYS = new Set<Note["code"]>(["Suspended", "OverrideFreeze"]);

function drainOf({ world, states, resolved }: Parts, bounds: Bounds, decision: Decision): Drain {
  const stays = (variant: string) => bounds.get(variant)?.notes.some(({ code }) => STAYS.has(code)) ?? true;
  const moving = [...replicasToMove(world, states)].filter(([variant]) => !stays(variant));
  return drainSteps(world, states, resolved, new Map(moving), decision.changes);
}

function heldOutcome(parts: Parts, bounds: Bounds, note: Note): CycleOutcome {
  const decision = heldDecision(parts.world.memory, bounds, note);
  return { ...parts, bounds, recommended: new Map(), decision, order: { steps: [], deferred: [] }, drain: NO_DRAIN };
}

/** Nothing can be planned: nothing is changed, and that is no fault. */
function emptyOutcome(parts: Parts, bounds: Bounds): CycleOutcome {
  const { held: _held, ...decision } = heldDecision(parts.world.memory, bounds, {
    code: "PoolUnknown",
    sentence: "there is no pool or no variant that can be planned",
  });
  return { ...parts, bounds, recommended: new Map(), decision, order: { steps: [], deferred: [] }, drain: NO_DRAIN };
}
