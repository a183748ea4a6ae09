import type { SnapshotToleration } from "../../../snapshot/types.ts";
import type { NodeAffinityTerm, NodeExpression, WorldTarget } from "../../../snapshot/world/types.ts";
import type { RawMeta, RawNodeSelectorTerm, RawObject, RawPodSpec, RawScale } from "../api/types.ts";
import { targetKey } from "./owner.ts";
import { podDevices } from "./quantity.ts";
import { timeMs } from "./time.ts";

/** What a variant says of its target. */
export interface TargetRef {
  namespace: string;
  apiVersion: string;
  kind: string;
  name: string;
}

interface RawWorkload extends RawObject {
  spec?: {
    replicas?: number;
    template?: { spec?: RawPodSpec };
    leaderWorkerTemplate?: {
      size?: number;
      leaderTemplate?: { spec?: RawPodSpec };
      workerTemplate?: { spec?: RawPodSpec };
    };
  };
}

/** A target that cannot be used, and why. */
export function unusableTarget(ref: TargetRef, found: boolean, problem: string): WorldTarget {
  return {
    key: targetKey(ref.namespace, ref.kind, ref.name),
    ...ref,
    found,
    problem,
    specReplicas: 0,
    devicesPerReplica: 0,
    nodesPerReplica: 1,
    nodeSelector: {},
    nodeAffinity: [],
    tolerations: [],
  };
}

/** Shape of one replica: pods on how many nodes, and the template that a node must fit. */
interface ReplicaShape {
  template: RawPodSpec | undefined;
  nodes: number;
  problem?: string;
}

/**
 * A target from its own object. `scale` is given where the count stands elsewhere than in `spec.replicas`; a Deployment,
 * StatefulSet or LeaderWorkerSet without a count runs one replica, a scale without a count none.
 */
export function targetOf(ref: TargetRef, raw: RawObject, resources: readonly string[], scale?: RawScale): WorldTarget {
  const { metadata, spec } = raw as RawWorkload;
  const shape = replicaShape(raw as RawWorkload, resources);
  const devices = Object.entries(podDevices(shape.template, resources));
  const [resource, devicesPerReplica] = devices[0] ?? [undefined, 0];
  const problem =
    shape.problem ??
    (devices.length > 1
      ? `asks for ${devices.map(([name]) => name).join(" and ")}; one replica uses one kind`
      : undefined);
  return {
    key: targetKey(ref.namespace, ref.kind, ref.name),
    ...ref,
    found: true,
    problem,
    resourceVersion: metadata?.resourceVersion,
    specReplicas: scale === undefined ? (spec?.replicas ?? 1) : (scale.spec?.replicas ?? 0),
    devicesPerReplica,
    resource,
    nodesPerReplica: shape.nodes,
    ...placementOf(shape.template),
    scaledBy: scaledBy(metadata),
  };
}

/**
 * One pod of `spec.template`, or a LeaderWorkerSet's group. A leader that asks for no devices needs no node of its own.
 */
function replicaShape({ spec }: RawWorkload, resources: readonly string[]): ReplicaShape {
  const group = spec?.leaderWorkerTemplate;
  if (group === undefined) return { template: spec?.template?.spec, nodes: 1 };
  const size = group.size ?? 1;
  const worker = group.workerTemplate?.spec;
  const leader = group.leaderTemplate?.spec ?? worker;
  if (size === 1) return { template: leader, nodes: 1 };
  const [ofLeader, ofWorker] = [podDevices(leader, resources), podDevices(worker, resources)];
  if (Object.keys(ofLeader).length === 0) return { template: worker, nodes: size - 1 };
  const alike = resources.every((resource) => ofLeader[resource] === ofWorker[resource]);
  return {
    template: worker,
    nodes: size,
    problem: alike ? undefined : "leader and workers ask for different devices",
  };
}

/** What of a pod template decides its nodes. */
function placementOf(
  template: RawPodSpec | undefined,
): Pick<WorldTarget, "nodeSelector" | "nodeAffinity" | "tolerations"> {
  const required = template?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    nodeSelector: template?.nodeSelector ?? {},
    nodeAffinity: (required?.nodeSelectorTerms ?? []).map(affinityTerm),
    tolerations: (template?.tolerations ?? []).map(({ key, operator, value, effect }) => ({
      key: key ?? "",
      operator: operator === "Exists" ? "Exists" : "Equal",
      value: value ?? "",
      ...(effect === undefined || effect === "" ? {} : { effect: effect as SnapshotToleration["effect"] }),
    })),
  };
}

/** `metadata.name` is the one field that `matchFields` may name; every node carries it as this label. */
function affinityTerm(term: RawNodeSelectorTerm): NodeAffinityTerm {
  const fields = (term.matchFields ?? []).map((field) => ({ ...field, key: "kubernetes.io/hostname" }));
  return {
    expressions: [...(term.matchExpressions ?? []), ...fields].map(({ key, operator, values }) => ({
      key: key ?? "",
      operator: (operator ?? "In") as NodeExpression["operator"],
      values: values ?? [],
    })),
  };
}

/** Managers that change a count outside of `/scale`; others that own it wrote it at creation or by declaration. */
const EDITORS = /^kubectl-(edit|patch)$/;

function scaledBy(metadata: RawMeta | undefined): WorldTarget["scaledBy"] {
  let last: WorldTarget["scaledBy"];
  for (const entry of metadata?.managedFields ?? []) {
    const spec = entry.fieldsV1?.["f:spec"] as Record<string, unknown> | undefined;
    if (spec?.["f:replicas"] === undefined) continue;
    if (entry.subresource !== "scale" && !EDITORS.test(entry.manager ?? "")) continue;
    const atMs = timeMs(entry.time) ?? 0;
    if (last === undefined || atMs >= last.atMs) last = { manager: entry.manager ?? "unknown", atMs };
  }
  return last;
}
