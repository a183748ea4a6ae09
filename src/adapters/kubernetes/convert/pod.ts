import type { WorldPod } from "../../../snapshot/world/types.ts";
import type { RawCondition, RawObject, RawPodSpec } from "../api/types.ts";
import { ownerOf, type TargetSelector } from "./owner.ts";
import { podDevices } from "./quantity.ts";
import { timeMs } from "./time.ts";

export const DELETION_COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost";

interface RawContainerState {
  waiting?: { reason?: string };
  terminated?: { reason?: string };
}

interface RawContainerStatus {
  restartCount?: number;
  state?: RawContainerState;
  lastState?: RawContainerState;
}

interface RawPod extends RawObject {
  spec?: RawPodSpec;
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: RawCondition[];
    containerStatuses?: RawContainerStatus[];
    initContainerStatuses?: RawContainerStatus[];
  };
}

export interface PodContext {
  /** Resource names of devices. */
  resources: readonly string[];
  selectors: readonly TargetSelector[];
  /** `namespace/name` of pods for which a node is on its way. */
  nodeComing: ReadonlySet<string>;
}

/** Waiting reasons that do not pass by themselves; `ContainerCreating` and `PodInitializing` do. */
const FAILING = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "StartError",
]);

/** A pod that asks for devices and has not finished; undefined for others. */
export function podOf(raw: RawObject, context: PodContext): WorldPod | undefined {
  const { metadata, spec, status } = raw as RawPod;
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return undefined;
  const devices = podDevices(spec, context.resources);
  if (Object.keys(devices).length === 0) return undefined;
  const namespace = metadata?.namespace ?? "";
  const name = metadata?.name ?? "";
  const ready = condition(status?.conditions, "Ready");
  const scheduled = condition(status?.conditions, "PodScheduled");
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const refused = scheduled?.status === "False" && scheduled.reason === "Unschedulable";
  return {
    namespace,
    name,
    ...ownerOf(metadata, context.selectors),
    ...(spec?.nodeName === undefined ? {} : { node: spec.nodeName }),
    devices,
    ...(status?.podIP === undefined ? {} : { ip: status.podIP }),
    ...metricsOf(metadata?.annotations),
    createdAtMs: timeMs(metadata?.creationTimestamp) ?? 0,
    scheduledAtMs: scheduled?.status === "True" ? timeMs(scheduled.lastTransitionTime) : undefined,
    readyAtMs: ready?.status === "True" ? timeMs(ready.lastTransitionTime) : undefined,
    ready: ready?.status === "True" && metadata?.deletionTimestamp === undefined,
    terminating: metadata?.deletionTimestamp !== undefined,
    unschedulable: refused ? (scheduled.message ?? "Unschedulable") : undefined,
    nodeComing: context.nodeComing.has(`${namespace}/${name}`),
    failing: failingReason(containers),
    restarts: containers.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
    deletionCost: Number.parseInt(metadata?.annotations?.[DELETION_COST_ANNOTATION] ?? "0", 10) || 0,
  };
}

/** Where its metrics are, by the annotations that Prometheus' own examples use. */
function metricsOf(annotations: Record<string, string> = {}): Pick<WorldPod, "metrics"> {
  const own = Object.entries(annotations).filter(([key]) => key.startsWith("prometheus.io/"));
  return own.length === 0 ? {} : { metrics: Object.fromEntries(own) };
}

function condition(conditions: RawCondition[] | undefined, type: string): RawCondition | undefined {
  return conditions?.find((candidate) => candidate.type === type);
}

/** Out of memory tells more than the back-off that follows it. */
function failingReason(containers: RawContainerStatus[]): string | undefined {
  for (const { state, lastState } of containers) {
    if (state?.terminated?.reason === "OOMKilled") return "OOMKilled";
    const waiting = state?.waiting?.reason;
    if (waiting === undefined || !FAILING.has(waiting)) continue;
    return lastState?.terminated?.reason === "OOMKilled" ? "OOMKilled" : waiting;
  }
  return undefined;
}
