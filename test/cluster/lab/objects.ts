import type { KubeObject } from "./api.ts";

/** Builders of the objects that tests need, with the names that real clusters use. */

export interface NodeSpec {
  name: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: { key: string; value?: string; effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute" }[];
  /** Allocatable devices by extended resource: `{ "nvidia.com/gpu": 8 }`. */
  devices: Record<string, number>;
  unschedulable?: boolean;
}

/** A node with plenty of processors and memory: only its devices are scarce. */
export function node(spec: NodeSpec): KubeObject {
  const devices = Object.entries(spec.devices).map(([name, count]) => [name, String(count)]);
  const capacity = { cpu: "192", memory: "2Ti", pods: "110", ...Object.fromEntries(devices) };
  const labels = { "kubernetes.io/hostname": spec.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: spec.name, labels: { ...labels, ...spec.labels }, annotations: spec.annotations },
    spec: { taints: spec.taints, unschedulable: spec.unschedulable },
    status: { capacity, allocatable: capacity },
  };
}

/** Accelerators with the labels and resources that the vendors' device plugins and feature discovery set. */
export const ACCELERATORS = {
  h100: { resource: "nvidia.com/gpu", label: "nvidia.com/gpu.product", product: "NVIDIA-H100-80GB-HBM3", count: 8 },
  l40s: { resource: "nvidia.com/gpu", label: "nvidia.com/gpu.product", product: "NVIDIA-L40S", count: 8 },
  mi300x: { resource: "amd.com/gpu", label: "amd.com/gpu.product-name", product: "AMD_Instinct_MI300X_OAM", count: 8 },
} as const;
export type Accelerator = keyof typeof ACCELERATORS;

/** `count` nodes of an accelerator, named `h100-1`, `h100-2`, …; `overrides` go to each. */
export function acceleratorNodes(
  accelerator: Accelerator,
  count: number,
  overrides: Partial<NodeSpec> = {},
): NodeSpec[] {
  const { resource, label, product, count: devices } = ACCELERATORS[accelerator];
  return Array.from({ length: count }, (_, index) => ({
    name: `${accelerator}-${index + 1}`,
    devices: { [resource]: devices },
    ...overrides,
    labels: { [label]: product, ...overrides.labels },
  }));
}

export interface WorkloadSpec {
  name: string;
  namespace?: string;
  replicas?: number;
  /** Devices of one pod: `{ "nvidia.com/gpu": 4 }`. */
  devices?: Record<string, number>;
  labels?: Record<string, string>;
  /** Of the pods: `SIM` says how they behave. */
  annotations?: Record<string, string>;
  nodeSelector?: Record<string, string>;
  tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
  affinity?: object;
}

const NAMESPACE = "default";

/** A pod template whose pods bear the label `app: <name>`. */
function podTemplate(spec: WorkloadSpec): object {
  const limits = Object.fromEntries(Object.entries(spec.devices ?? {}).map(([name, count]) => [name, String(count)]));
  return {
    metadata: { labels: { app: spec.name, ...spec.labels }, annotations: spec.annotations },
    spec: {
      nodeSelector: spec.nodeSelector,
      tolerations: spec.tolerations,
      affinity: spec.affinity,
      containers: [{ name: "server", image: "vllm/vllm-openai:latest", resources: { limits } }],
    },
  };
}

function metadata({ name, namespace = NAMESPACE, labels }: WorkloadSpec): KubeObject["metadata"] {
  return { name, namespace, labels };
}

export function deployment(spec: WorkloadSpec, fields: object = {}): KubeObject {
  const selector = { matchLabels: { app: spec.name } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(spec),
    spec: { replicas: spec.replicas ?? 0, selector, template: podTemplate(spec), ...fields },
  };
}

export function statefulSet(spec: WorkloadSpec, podManagementPolicy: "OrderedReady" | "Parallel"): KubeObject {
  const { spec: common, ...rest } = deployment(spec, { serviceName: spec.name, podManagementPolicy });
  return { ...rest, kind: "StatefulSet", spec: common };
}

/** A pod of nobody: what others run beside the managed workloads. */
export function pod(spec: WorkloadSpec): KubeObject {
  const template = podTemplate(spec) as Pick<KubeObject, "metadata" | "spec">;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, ...metadata(spec), labels: { app: spec.name, ...spec.labels } },
    spec: template.spec,
  };
}

export interface ScalableKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  labelSelectorPath?: string;
}

/** A namespaced custom resource with `spec.replicas`, `status.replicas`, and `/scale`; any other field is kept as it is. */
export function scalableCrd({ group, version, kind, plural, labelSelectorPath }: ScalableKind): KubeObject {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const count = { type: "integer", format: "int32", minimum: 0 };
  const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", labelSelectorPath };
  const properties = {
    spec: { ...open, properties: { replicas: { ...count, default: 1 } } },
    status: { ...open, properties: { replicas: count } },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {}, scale },
          schema: { openAPIV3Schema: { type: "object", properties } },
        },
      ],
    },
  };
}

/** LeaderWorkerSet, whose replica is a group of pods. Its controller is played: see `leader-worker-sets.ts`. */
export const LEADER_WORKER_SET: ScalableKind = {
  group: "leaderworkerset.x-k8s.io",
  version: "v1",
  kind: "LeaderWorkerSet",
  plural: "leaderworkersets",
  labelSelectorPath: ".status.hpaPodSelector",
};

/** A LeaderWorkerSet of groups of `size` pods, all from the same template. */
export function leaderWorkerSet(spec: WorkloadSpec, size: number): KubeObject {
  return {
    apiVersion: `${LEADER_WORKER_SET.group}/${LEADER_WORKER_SET.version}`,
    kind: LEADER_WORKER_SET.kind,
    metadata: metadata(spec),
    spec: { replicas: spec.replicas ?? 0, leaderWorkerTemplate: { size, workerTemplate: podTemplate(spec) } },
  };
}
