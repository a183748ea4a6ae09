import type { PlanReference, PolicyStatus, StatusCondition, VariantStatus } from "../../../status/types.ts";
import { timeText } from "./time.ts";

interface RawStatusCondition extends StatusCondition {
  lastTransitionTime: string;
  observedGeneration?: number;
}

export interface RawVariantStatus extends Record<string, unknown> {
  lastPlan?: { status?: string };
  conditions?: RawStatusCondition[];
}

/** The longest message that the CRD takes. */
const MAX_MESSAGE = 4096;
const DECIMALS = 1000;

/**
 * The status to write as a merge patch, from what the cluster has; undefined where nothing changed that a person would
 * see. A new revision of a plan that says the same of this variant is no change: `lastPlan` is the plan that last
 * changed something here.
 */
export function variantStatusPatch(
  status: VariantStatus,
  stored: RawVariantStatus | undefined,
  atMs: number,
): RawVariantStatus | undefined {
  const {
    conditions,
    lastPlan,
    message,
    attainment,
    capacityPerSecond,
    startSeconds,
    basis: _basis,
    ...plain
  } = status;
  const patch: RawVariantStatus = {
    ...plain,
    pool: status.pool ?? null,
    devicesPerReplica: status.devicesPerReplica ?? null,
    nodesPerReplica: status.nodesPerReplica ?? null,
    desiredReplicas: status.desiredReplicas ?? null,
    message: cut(message),
    // Rounded down: 1 is said only where all of the demand is served.
    attainment: attainment === undefined ? null : Math.floor(attainment * DECIMALS + 1e-9) / DECIMALS,
    capacityPerSecond: rounded(capacityPerSecond),
    startSeconds: rounded(startSeconds),
    conditions: conditions.map((condition) => withTransition(condition, stored, status.observedGeneration, atMs)),
  };
  const unchanged = Object.entries(patch).every(([name, value]) => same(value, stored?.[name]));
  if (unchanged && stored?.lastPlan?.status === lastPlan?.status) return undefined;
  return { ...patch, lastPlan: planReference(lastPlan) as RawVariantStatus["lastPlan"] };
}

export function policyStatusPatch(status: PolicyStatus): Record<string, unknown> {
  return {
    observedGeneration: status.observedGeneration ?? null,
    leader: status.leader ?? null,
    summary: cut(status.summary),
    lastPlan: planReference(status.lastPlan),
    proposal: status.proposal ?? null,
  };
}

function planReference(plan: PlanReference | undefined): object | null {
  if (plan === undefined) return null;
  return { revision: plan.revision, time: timeText(plan.timeMs), status: plan.status, gap: plan.gap ?? null };
}

/** The time stays while the status does. */
function withTransition(
  { type, status, reason, message }: StatusCondition,
  stored: RawVariantStatus | undefined,
  observedGeneration: number,
  atMs: number,
): RawStatusCondition {
  const before = stored?.conditions?.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(atMs);
  return { type, status, observedGeneration, lastTransitionTime, reason, message: cut(message) ?? "" };
}

function same(value: unknown, stored: unknown): boolean {
  if (!Array.isArray(value)) return value === null ? stored === undefined : value === stored;
  if (!Array.isArray(stored) || stored.length !== value.length) return false;
  return value.every((entry: object, index) => {
    const other = stored[index] as Record<string, unknown>;
    return Object.entries(entry).every(([name, field]) => other[name] === field);
  });
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * DECIMALS) / DECIMALS;
}

function cut(message: string | undefined): string | null {
  return message === undefined ? null : message.slice(0, MAX_MESSAGE);
}
