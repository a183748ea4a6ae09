import type { Plan } from "@apportion/solver";
import type { Deferred } from "../actuation/types.ts";
import type { Note } from "../domain/reason-codes.ts";
import type { Decision } from "../guard/after.ts";
import type { Bounds } from "../guard/bounds.ts";
import { explainLearning } from "../model/learning/explain.ts";
import { parseLearning } from "../model/learning/parse-learning.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import type { Demand } from "../plan/demand/types.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World, WorldVariant } from "../snapshot/world/types.ts";
import type { PlanReference, StatusCondition, VariantStatus } from "./types.ts";

/** What statuses are made of: one cycle, and what its writes came to. */
export interface StatusInput {
  world: World;
  revision: number;
  states: ReplicaStates;
  resolved: ResolvedWorld;
  bounds: Bounds;
  /** Absent where the cycle holds. */
  plan?: Plan;
  /** What the plan without behavior gave each variant. */
  recommended: ReadonlyMap<string, number>;
  decision: Decision;
  deferred: readonly Deferred[];
  /** Why a write did not take place, by variant. */
  refused: ReadonlyMap<string, { reason: string; message: string }>;
  /** Variants whose count was written. */
  written: ReadonlyMap<string, number>;
}

/** Status of every variant, by key. */
export function variantStatuses(input: StatusInput): Map<string, VariantStatus> {
  const attainments = new Map(input.plan?.workloads.map((workload) => [workload.name, workload]));
  const deferred = new Map(input.deferred.map((entry) => [entry.change.variant, entry.note]));
  const lastPlan = planReference(input);
  return new Map(
    input.world.variants.map((variant) => {
      const status = variantStatus(input, variant, deferred.get(variant.key));
      const workload = attainments.get(variant.workload);
      return [
        variant.key,
        {
          ...status,
          ...(workload === undefined ? {} : { attainment: workload.attainment }),
          ...(lastPlan === undefined ? {} : { lastPlan }),
        },
      ];
    }),
  );
}

/** The plan of this cycle, or the one that is held. */
export function planReference({
  plan,
  revision,
  world,
  decision,
}: Pick<StatusInput, "plan" | "revision" | "world" | "decision">): PlanReference | undefined {
  if (plan !== undefined && decision.held === undefined) {
    return { revision, timeMs: world.takenAtMs, status: plan.status, gap: plan.objective.gap };
  }
  const last = world.memory.lastPlan;
  return last === undefined ? undefined : { revision: last.revision, timeMs: last.atMs, status: "held" };
}

function variantStatus(input: StatusInput, variant: WorldVariant, deferral: Note | undefined): VariantStatus {
  const { key } = variant;
  const state = input.states.get(key);
  const member = input.resolved.plannable.get(key);
  const desired = input.decision.counts[key];
  const notes = notesOf(input, key, deferral);
  const workload = input.plan?.workloads.find((candidate) => candidate.name === variant.workload);
  const main = notes[0] ?? shortfall(workload);
  return {
    observedGeneration: variant.generation,
    ...(member === undefined
      ? {}
      : {
          pool: member.pool,
          devicesPerReplica: member.target.devicesPerReplica,
          nodesPerReplica: member.target.nodesPerReplica,
          capacityPerSecond: member.capacityPerSecond,
        }),
    currentReplicas: state?.asked ?? 0,
    ...(desired === undefined ? {} : { desiredReplicas: desired }),
    readyReplicas: state?.ready ?? 0,
    startingReplicas: (state?.starting ?? 0) + (state?.nodeComing ?? 0),
    pendingReplicas: (state?.pending ?? 0) + (state?.unschedulable ?? 0),
    failingReplicas: state?.failing ?? 0,
    ...(state === undefined ? {} : { startSeconds: Math.round(state.startMs / 1000) }),
    reason: main?.code ?? "AsDemanded",
    message:
      notes.length > 0 ? notes.map((note) => note.sentence).join("; ") : (main?.sentence ?? asDemanded(input, variant)),
    basis: basisOf(input, variant),
    conditions: conditions(input, variant, notes),
  };
}

/** What demand, capacity, and a decision about zero follow from. */
function basisOf({ world, resolved }: StatusInput, variant: WorldVariant): string[] {
  const { workload, key } = variant;
  const [demand, member, idle] = [
    resolved.demands.get(workload),
    resolved.plannable.get(key),
    resolved.idle.get(workload),
  ];
  const learned = parseLearning(world.memory.variants[key]?.learned);
  return [
    ...(demand === undefined
      ? []
      : [[demand.basis, ...(member === undefined ? [] : [member.capacityBasis])].join("; ")]),
    ...(idle === undefined ? [] : [idle.reason]),
    ...(learned === undefined ? [] : explainLearning(learned)),
  ];
}

const OF_BEHAVIOR = new Set<Note["code"]>([
  "ScaleUpStabilized",
  "ScaleDownStabilized",
  "ScaleUpLimit",
  "ScaleDownLimit",
  "WithinTolerance",
]);

/** What is said of a variant, the most pressing first. Behavior is no reason where the count is what was recommended. */
function notesOf(input: StatusInput, key: string, deferral: Note | undefined): Note[] {
  const held = input.decision.held;
  const asRecommended = input.recommended.get(key) === input.decision.counts[key];
  const notes = input.bounds.get(key)?.notes ?? [];
  return [
    ...(held === undefined ? [] : [held]),
    ...notes.filter(({ code }) => !(asRecommended && OF_BEHAVIOR.has(code))),
    ...(input.decision.variantNotes[key] ?? []),
    ...(deferral === undefined ? [] : [deferral]),
    ...(input.resolved.plannable.get(key)?.notes ?? []),
  ];
}

function shortfall(workload: Plan["workloads"][number] | undefined): { code: string; sentence: string } | undefined {
  return workload?.reason;
}

function asDemanded({ resolved }: StatusInput, variant: WorldVariant): string {
  const demand = resolved.demands.get(variant.workload);
  return `serves its share of ${rateText(demand?.nowPerSecond ?? 0)} ${perSecond(demand?.unit)}`;
}

function conditions(input: StatusInput, variant: WorldVariant, notes: readonly Note[]): StatusCondition[] {
  return [
    targetResolved(input, variant),
    metricsAvailable(input, variant),
    planned(input),
    actuated(input, variant, notes),
    conflict(input, variant),
  ];
}

const NOT_RESOLVED = new Set(["TargetMissing", "TargetUnusable", "DevicesUnknown", "PoolUnknown"]);

function targetResolved({ resolved, world }: StatusInput, variant: WorldVariant): StatusCondition {
  const note = resolved.leftAlone.get(variant.key);
  if (note !== undefined && NOT_RESOLVED.has(note.code)) {
    return { type: "TargetResolved", status: "False", reason: note.code, message: note.sentence };
  }
  const found = world.targets.some((target) => target.key === variant.target && target.found);
  if (!found) {
    return {
      type: "TargetResolved",
      status: "False",
      reason: "TargetMissing",
      message: `${variant.target} does not exist`,
    };
  }
  return { type: "TargetResolved", status: "True", reason: "Found", message: variant.target };
}

function metricsAvailable({ resolved }: StatusInput, variant: WorldVariant): StatusCondition {
  const type = "MetricsAvailable";
  const demand = resolved.demands.get(variant.workload);
  if (demand === undefined || demand.known === "none") {
    const stale = demand?.staleSources ?? [];
    const message =
      stale.length > 0 ? `every source is stale: ${stale.join(", ")}` : "no source reports the demand of this workload";
    return { type, status: "False", reason: "DemandUnknown", message };
  }
  if (demand.known === "some") {
    return { type, status: "False", reason: "DemandPartlyStale", message: `stale: ${demand.staleSources.join(", ")}` };
  }
  return {
    type,
    status: "True",
    reason: "Reported",
    message: `${rateText(demand.nowPerSecond)} ${perSecond(demand.unit)}`,
  };
}

function perSecond(unit: Demand["unit"] = "requests"): string {
  return unit === "replicas" ? "replicas" : `${unit} per second`;
}

/** Three digits: what a person reads, and not another status for every breath of the load. */
function rateText(perSecond: number): string {
  return String(Number(perSecond.toPrecision(3)));
}

function planned({ plan, decision }: StatusInput): StatusCondition {
  const type = "Planned";
  const { held } = decision;
  if (held !== undefined) return { type, status: "False", reason: held.code, message: held.sentence };
  if (plan === undefined)
    return { type, status: "False", reason: "NothingToPlan", message: decision.notes[0]?.sentence ?? "" };
  // Neither revision nor gap: they change in every cycle, and a status at rest is not written; `lastPlan` has both.
  const message = `the plan is ${plan.status}`;
  const reason = plan.status === "optimal" ? "Optimal" : plan.status === "feasible" ? "Feasible" : "FloorsConflict";
  return { type, status: plan.status === "infeasible" ? "False" : "True", reason, message };
}

function actuated(input: StatusInput, { key }: WorldVariant, notes: readonly Note[]): StatusCondition {
  const type = "Actuated";
  const refusal = input.refused.get(key);
  if (refusal !== undefined) return { type, status: "False", ...refusal };
  const { decision, written, states } = input;
  const desired = decision.counts[key];
  const asked = states.get(key)?.asked ?? 0;
  if (input.bounds.get(key)?.leaveAlone) {
    const note = notes[0];
    return { type, status: "False", reason: note?.code ?? "LeftAlone", message: note?.sentence ?? "left alone" };
  }
  if (written.has(key)) {
    const message = `${asked} → ${written.get(key)}`;
    const partly = written.get(key) !== desired;
    return { type, status: partly ? "False" : "True", reason: partly ? "InSteps" : "Written", message };
  }
  if (desired === undefined || desired === asked)
    return { type, status: "True", reason: "AsPlanned", message: `${asked} replicas` };
  const handed = input.bounds.get(key)?.handed ? notes.find(({ code }) => code === "HandedToKeda") : undefined;
  const why = decision.held ?? decision.notes[0] ?? handed ?? notes[0];
  return {
    type,
    status: "False",
    reason: why?.code ?? "Waits",
    message: why?.sentence ?? `${asked} → ${desired} waits`,
  };
}

const CONFLICTS = new Set(["OwnedByOther", "TargetShared", "WorkloadDisagrees"]);

function conflict({ bounds, plan, resolved }: StatusInput, variant: WorldVariant): StatusCondition {
  const type = "Conflict";
  const notes = [...(bounds.get(variant.key)?.notes ?? []), resolved.leftAlone.get(variant.key)];
  const note = notes.find((candidate) => candidate !== undefined && CONFLICTS.has(candidate.code));
  if (note !== undefined) return { type, status: "True", reason: note.code, message: note.sentence };
  const floors = plan?.conflicts.find((candidate) => candidate.variants.includes(variant.key));
  if (floors !== undefined) {
    const message = `${floors.asked} asked, ${floors.available} available in ${floors.pool || "all pools"}`;
    return { type, status: "True", reason: floors.rule, message };
  }
  return { type, status: "False", reason: "None", message: "" };
}
