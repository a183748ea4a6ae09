import { idleDecision } from "../../model/idle/idle-decision.ts";
import type { IdleQuestion, IdleVariant } from "../../model/idle/types.ts";
import { wakeUpVariant } from "../../model/idle/wake-up.ts";
import type { ReplicaStates } from "../../model/replicas/types.ts";
import type { ScaleToZero } from "../../snapshot/serving.ts";
import type { World } from "../../snapshot/world/types.ts";
import type { PlannableVariant } from "../plannable-variant.ts";
import { usableValue } from "./signalled.ts";
import type { Demand } from "./types.ts";

/** Percentile of requests that a class without one asks to be in time. */
const DEFAULT_PERCENTILE = 0.95;

/** What is decided about zero for one workload. */
export interface IdleOutcome {
  keptReplicas: 0 | 1;
  reason: string;
  /** The variant that is started first, where the workload is at zero and asked for. */
  wakes?: { variant: string; reason: string };
}

/**
 * Whether a workload may be at zero, and what wakes it. Undefined where nobody said anything about zero: then it is there when nothing
 * is asked.
 *
 * @param members of the workload, in order of key; at least one
 */
export function idleOutcome(
  world: World,
  states: ReplicaStates,
  members: readonly PlannableVariant[],
  demand: Demand,
): IdleOutcome | undefined {
  const policy = members.find(({ variant }) => variant.scaleToZero !== undefined)?.variant.scaleToZero;
  if (policy === undefined) return undefined;
  const question = questionOf(world, states, { members, demand, policy });
  const { minReplicas, reason } = idleDecision(question);
  const wakes = question.currentReplicas > 0 || demand.perSecond === 0 ? undefined : wakeOf(question, demand);
  return { keptReplicas: minReplicas, reason, ...(wakes === undefined ? {} : { wakes }) };
}

interface Asked {
  members: readonly PlannableVariant[];
  demand: Demand;
  policy: ScaleToZero;
}

function questionOf(world: World, states: ReplicaStates, { members, demand, policy }: Asked): IdleQuestion {
  const { serviceClass, variant } = members[0]!;
  const signals = world.signals?.find(({ workload }) => workload === variant.workload)?.signals;
  const waiting = usableValue(signals?.flowControlQueue);
  const last = Math.max(
    world.memory.askedAtMs?.[variant.workload] ?? Number.NEGATIVE_INFINITY,
    usableValue(signals?.lastActivity) ?? Number.NEGATIVE_INFINITY,
  );
  const { forecast } = demand;
  const deadlineMs = serviceClass.slo.ttftMs;
  return {
    nowMs: world.takenAtMs,
    currentReplicas: members.reduce((sum, { variant: { key } }) => sum + (states.get(key)?.asked ?? 0), 0),
    ...(waiting === undefined ? {} : { waitingRequests: waiting }),
    ...(Number.isFinite(last) ? { lastRequestAtMs: last } : {}),
    ...readySince(states, members),
    variants: members.map((member) => idleVariant(world, states, member)),
    slo: {
      percentile: serviceClass.slo.percentile ?? DEFAULT_PERCENTILE,
      ...(deadlineMs === undefined || deadlineMs === 0 ? {} : { deadlineMs }),
    },
    policy,
    ...(forecast === undefined
      ? {}
      : {
          forecast: {
            ratePerSecond: forecast.medianPerSecond,
            lowerPerSecond: forecast.lowerPerSecond,
            upperPerSecond: forecast.upperPerSecond,
            model: forecast.model,
          },
        }),
  };
}

function readySince(states: ReplicaStates, members: readonly PlannableVariant[]): { readySinceMs?: number } {
  const ready = members.flatMap(({ variant }) =>
    (states.get(variant.key)?.replicas ?? []).filter(({ phase }) => phase === "ready").map(({ sinceMs }) => sinceMs),
  );
  return ready.length === 0 ? {} : { readySinceMs: Math.min(...ready) };
}

function idleVariant(world: World, states: ReplicaStates, member: PlannableVariant): IdleVariant {
  const { variant, target, pool, capacityPerSecond } = member;
  const price = world.policy.pools.find(({ name }) => name === pool)?.pricePerDeviceHour ?? 0;
  const quarantine = world.memory.variants[variant.key]?.quarantine;
  const isTrusted = world.memory.trust[`${pool}/${target.devicesPerReplica}`] === undefined;
  return {
    name: variant.key,
    startMs: states.get(variant.key)?.startMs ?? variant.startSeconds * 1000,
    costPerHour: variant.costPerHour ?? price * target.devicesPerReplica * target.nodesPerReplica,
    capacityPerSecond,
    available: !variant.suspended && isTrusted && !(quarantine !== undefined && world.takenAtMs < quarantine.untilMs),
  };
}

/** It stays for as long as it may be idle, at least. */
function wakeOf(question: IdleQuestion, demand: Demand): IdleOutcome["wakes"] {
  const { variants, slo, policy, waitingRequests } = question;
  const { variant, reason } = wakeUpVariant({
    variants,
    slo,
    waiting: { count: waitingRequests ?? 0, oldestMs: 0 },
    ratePerSecond: demand.perSecond,
    stayMs: policy.idleSeconds * 1000,
  });
  return variant === undefined ? undefined : { variant: variant.name, reason };
}
