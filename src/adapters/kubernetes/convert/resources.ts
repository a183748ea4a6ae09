import type { Parsed } from "../../../domain/violation.ts";
import type { ContinuousProfile } from "../../../snapshot/continuous-profile.ts";
import type { PerformanceProfile, QueueingProfile, SloTargets, TokenMix } from "../../../snapshot/profile.ts";
import { parseScaleToZero, parseServing } from "../../../snapshot/serving-codec.ts";
import type { SnapshotClass, SnapshotCohort, SnapshotQuota } from "../../../snapshot/types.ts";
import type { Policy, WorldOverride, WorldServiceClass, WorldVariant } from "../../../snapshot/world/types.ts";
import type { RawMeta, RawObject } from "../api/types.ts";
import { behaviorOf, type RawBehavior } from "./behavior.ts";
import { targetKey } from "./owner.ts";
import type { TargetRef } from "./target.ts";
import { timeMs } from "./time.ts";

/**
 * The four kinds of `apportion.dev/v1alpha1`. Defaults repeat those of the CRDs: an object may have been stored before
 * a field had one.
 */

export const GROUP_PATH = "/apis/apportion.dev/v1alpha1";
const DEFAULT_POLICY = "default";

interface VariantSpec {
  scaleTargetRef: { apiVersion?: string; kind: string; name: string };
  policy?: string;
  workload: string;
  serviceClass: string;
  tenant?: string;
  role?: WorldVariant["role"];
  costPerHour?: number;
  minReplicas?: number;
  maxReplicas?: number;
  demandPerSecond?: number;
  capacityPerSecond?: number;
  profile?: Partial<ContinuousProfile> | QueueingProfile;
  tokenMix?: TokenMix;
  startSeconds?: number;
  behavior?: RawBehavior;
  suspended?: boolean;
  /** As in `snapshot/serving`, but for the deadline, which is a time as Kubernetes has them. */
  serving?: { kind: string; deadline?: string };
  work?: WorldVariant["work"];
  scaleToZero?: unknown;
  learning?: WorldVariant["learning"];
}

interface PolicySpec {
  mode?: Policy["mode"];
  objective?: Policy["objective"];
  pools?: {
    name: string;
    accelerator?: string;
    resource?: string;
    nodeLabels?: Record<string, string>;
    pricePerDeviceHour?: number;
  }[];
  quotas?: (Omit<SnapshotQuota, "guaranteedDevices"> & { guaranteedDevices?: number })[];
  cohorts?: SnapshotCohort[];
  budget?: { maxStartsPerCycle?: number; maxStopsPerCycle?: number };
  pending?: {
    unschedulableTimeoutSeconds?: number;
    probeAfterSeconds?: number;
    probeAfterMaxSeconds?: number;
    quarantineSeconds?: number;
    quarantineMaxSeconds?: number;
    startTimeQuantile?: number;
    nodeStartSeconds?: number;
  };
  demandStaleAfterSeconds?: number;
  demandForgetAfterSeconds?: number;
  manualPinSeconds?: number;
  timeLimitSeconds?: number;
  defaults?: VariantDefaults;
}

/** What a policy says for variants that do not say otherwise. */
export interface VariantDefaults {
  startSeconds?: number;
  behavior?: RawBehavior;
}

/** The policy whose scope a variant or override belongs to. */
export function policyNameOf(raw: RawObject): string {
  return (raw.spec as { policy?: string } | undefined)?.policy ?? DEFAULT_POLICY;
}

export function variantDefaultsOf(raw: RawObject): VariantDefaults {
  return (raw.spec as PolicySpec | undefined)?.defaults ?? {};
}

export function targetRefOf(raw: RawObject): TargetRef {
  const { apiVersion, kind, name } = (raw.spec as VariantSpec).scaleTargetRef;
  return { namespace: raw.metadata?.namespace ?? "", apiVersion: apiVersion ?? "apps/v1", kind, name };
}

export function variantOf(raw: RawObject, defaults: VariantDefaults): WorldVariant {
  const spec = raw.spec as VariantSpec;
  const { namespace = "", name = "", uid = "", generation = 0 } = raw.metadata ?? {};
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid,
    generation,
    target: targetKey(namespace, spec.scaleTargetRef.kind, spec.scaleTargetRef.name),
    workload: `${namespace}/${spec.workload}`,
    serviceClass: spec.serviceClass,
    tenant: spec.tenant,
    role: spec.role ?? "both",
    costPerHour: spec.costPerHour,
    minReplicas: spec.minReplicas ?? 0,
    maxReplicas: spec.maxReplicas,
    demandPerSecond: spec.demandPerSecond,
    capacityPerSecond: spec.capacityPerSecond,
    profile: spec.profile === undefined ? undefined : profileOf(spec.profile),
    tokenMix: spec.tokenMix,
    startSeconds: spec.startSeconds ?? defaults.startSeconds ?? 120,
    behavior: behaviorOf(spec.behavior, defaults.behavior),
    suspended: spec.suspended ?? false,
    serving: servingOf(spec.serving),
    work: spec.work,
    scaleToZero: spec.scaleToZero === undefined ? undefined : readOrNone(parseScaleToZero(spec.scaleToZero)),
    learning: spec.learning ?? "on",
  };
}

/** What the schema of the resource lets through and cannot be meant counts as not said: the variant then has no capacity, and holds. */
function servingOf(raw: VariantSpec["serving"]): WorldVariant["serving"] {
  if (raw === undefined) return undefined;
  const { deadline, ...rest } = raw;
  const deadlineAtMs = timeMs(deadline);
  return readOrNone(parseServing({ ...rest, ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }) }));
}

function readOrNone<T>(parsed: Parsed<T>): T | undefined {
  return parsed.ok ? parsed.value : undefined;
}

/** Fields that have a default may be absent in an object, the dialect among them. */
function profileOf(profile: Partial<ContinuousProfile> | QueueingProfile): PerformanceProfile {
  switch (profile.dialect) {
    case "D1":
    case "D2":
      return { ...profile, maxQueueSize: profile.maxQueueSize ?? 0 };
    case "D3":
      return { ...profile, maxQueueSize: profile.maxQueueSize ?? 0, maxNumTokens: profile.maxNumTokens ?? 8192 };
    default: {
      const defaults = { perContextTokenMs: 0, maxBatchedTokens: 8192, chunkedPrefill: true };
      return { ...defaults, ...profile, dialect: "continuous" } as ContinuousProfile;
    }
  }
}

export function serviceClassOf(raw: RawObject): WorldServiceClass {
  const spec = raw.spec as {
    priority: number;
    weight?: number;
    rule?: SnapshotClass["rule"];
    shedPenalty?: number;
    slo?: SloTargets;
    demandQuantile?: number;
    minReplicas?: number;
  };
  return {
    name: raw.metadata?.name ?? "",
    priority: spec.priority,
    weight: spec.weight ?? 1,
    rule: spec.rule ?? "max-min",
    shedPenalty: spec.shedPenalty ?? 0,
    slo: spec.slo ?? {},
    demandQuantile: spec.demandQuantile,
    minReplicas: spec.minReplicas,
  };
}

export function overrideOf(raw: RawObject): WorldOverride {
  const spec = raw.spec as {
    action: WorldOverride["action"]["type"];
    replicas?: number;
    subject: { kind?: WorldOverride["subject"]["kind"]; name: string };
    reason: string;
    author: string;
    expiresAt?: string;
  };
  const counted = spec.action === "pin" || spec.action === "floor" || spec.action === "ceiling";
  return {
    id: raw.metadata?.name ?? "",
    action: (counted
      ? { type: spec.action, replicas: spec.replicas ?? 0 }
      : { type: spec.action }) as WorldOverride["action"],
    subject: { kind: spec.subject.kind ?? "variant", name: spec.subject.name },
    reason: spec.reason,
    author: spec.author,
    createdAtMs: timeMs(raw.metadata?.creationTimestamp) ?? 0,
    expiresAtMs: timeMs(spec.expiresAt),
  };
}

/** The resource of an override, the inverse of `overrideOf`. */
export function rawOverride(override: WorldOverride, policy: string): RawObject {
  const { id, action, subject, reason, author, expiresAtMs } = override;
  const metadata: RawMeta = { name: id };
  return {
    apiVersion: "apportion.dev/v1alpha1",
    kind: "PlacementOverride",
    metadata,
    spec: {
      policy,
      action: action.type,
      ...("replicas" in action ? { replicas: action.replicas } : {}),
      subject,
      reason,
      author,
      ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
    },
  };
}

const MS = 1000;

export function policyOf(raw: RawObject): Policy {
  const spec = (raw.spec ?? {}) as PolicySpec;
  const pending = spec.pending ?? {};
  return {
    name: raw.metadata?.name ?? DEFAULT_POLICY,
    mode: spec.mode ?? "recommend",
    objective: spec.objective ?? "lexicographic",
    pools: (spec.pools ?? []).map((pool) => ({
      name: pool.name,
      accelerator: pool.accelerator,
      resource: pool.resource ?? "nvidia.com/gpu",
      nodeLabels: pool.nodeLabels ?? {},
      pricePerDeviceHour: pool.pricePerDeviceHour ?? 0,
    })),
    quotas: (spec.quotas ?? []).map((quota) => ({ ...quota, guaranteedDevices: quota.guaranteedDevices ?? 0 })),
    cohorts: spec.cohorts ?? [],
    maxStartsPerCycle: spec.budget?.maxStartsPerCycle,
    maxStopsPerCycle: spec.budget?.maxStopsPerCycle,
    demandStaleAfterMs: (spec.demandStaleAfterSeconds ?? 120) * MS,
    demandForgetAfterMs: (spec.demandForgetAfterSeconds ?? 86_400) * MS,
    unschedulableTimeoutMs: (pending.unschedulableTimeoutSeconds ?? 60) * MS,
    probeAfterMs: (pending.probeAfterSeconds ?? 300) * MS,
    probeAfterMaxMs: (pending.probeAfterMaxSeconds ?? 3600) * MS,
    quarantineMs: (pending.quarantineSeconds ?? 120) * MS,
    quarantineMaxMs: (pending.quarantineMaxSeconds ?? 3600) * MS,
    manualPinMs: (spec.manualPinSeconds ?? 3600) * MS,
    startTimeQuantile: pending.startTimeQuantile ?? 0.95,
    timeLimitMs: (spec.timeLimitSeconds ?? 5) * MS,
    nodeStartMs: (pending.nodeStartSeconds ?? 600) * MS,
  };
}

/** What stands in where there is no policy: nothing is planned by it. */
export function absentPolicy(name: string): Policy {
  return policyOf({ metadata: { name }, spec: { mode: "observe" } });
}
