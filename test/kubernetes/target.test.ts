import { expect, test } from "vitest";
import { nodeOf } from "../../src/adapters/kubernetes/convert/node.ts";
import { targetOf } from "../../src/adapters/kubernetes/convert/target.ts";
import { kindsOf } from "../../src/adapters/kubernetes/discovery.ts";

const GPU = "nvidia.com/gpu";
const ref = { namespace: "ml", apiVersion: "apps/v1", kind: "Deployment", name: "chat" };
const gpus = (count: number) => ({ containers: [{ resources: { limits: { [GPU]: String(count) } } }] });

test("a Deployment says devices, placement and count; without a count it runs one replica", () => {
  const template = {
    ...gpus(4),
    nodeSelector: { zone: "a" },
    tolerations: [{ operator: "Exists" }, { key: "gpu", value: "yes", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "product", operator: "In", values: ["H100"] }] }],
        },
      },
    },
  };
  const raw = { metadata: { resourceVersion: "7" }, spec: { template: { spec: template } } };
  expect(targetOf(ref, raw, [GPU])).toMatchObject({
    key: "ml/Deployment/chat",
    found: true,
    problem: undefined,
    resourceVersion: "7",
    specReplicas: 1,
    devicesPerReplica: 4,
    resource: GPU,
    nodesPerReplica: 1,
    nodeSelector: { zone: "a" },
    nodeAffinity: [{ expressions: [{ key: "product", operator: "In", values: ["H100"] }] }],
    tolerations: [
      { key: "", operator: "Exists", value: "" },
      { key: "gpu", operator: "Equal", value: "yes", effect: "NoSchedule" },
    ],
  });
  expect(targetOf(ref, { ...raw, spec: { ...raw.spec, replicas: 0 } }, [GPU]).specReplicas).toBe(0);
});

test("a scale at zero has no count", () => {
  expect(targetOf(ref, {}, [GPU], { spec: {} }).specReplicas).toBe(0);
});

test("a replica of a LeaderWorkerSet is its group; a leader without devices takes no node", () => {
  const set = (leaderWorkerTemplate: object) => targetOf(ref, { spec: { replicas: 2, leaderWorkerTemplate } }, [GPU]);
  const workerTemplate = { spec: gpus(8) };
  expect(set({ size: 4, workerTemplate })).toMatchObject({
    devicesPerReplica: 8,
    nodesPerReplica: 4,
    problem: undefined,
  });
  const idle = { spec: { containers: [{}] } };
  expect(set({ size: 3, workerTemplate, leaderTemplate: idle })).toMatchObject({
    nodesPerReplica: 2,
    problem: undefined,
  });
  const other = { spec: gpus(4) };
  expect(set({ size: 3, workerTemplate, leaderTemplate: other }).problem).toMatch(/different devices/);
  expect(set({ size: 1, workerTemplate, leaderTemplate: other })).toMatchObject({
    devicesPerReplica: 4,
    nodesPerReplica: 1,
  });
});

test("whoever wrote the count last is named, not whoever made the object", () => {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  const managedFields = [
    { manager: "kubectl-create", time: "2026-01-01T00:00:09Z", fieldsV1 },
    { manager: "apportion", subresource: "scale", time: "2026-01-01T00:00:01Z", fieldsV1 },
    { manager: "kubectl", subresource: "scale", time: "2026-01-01T00:00:02Z", fieldsV1 },
    { manager: "kubectl-edit", time: "2026-01-01T00:00:05Z", fieldsV1: { "f:spec": {} } },
  ];
  expect(targetOf(ref, { metadata: { managedFields } }, []).scaledBy).toEqual({
    manager: "kubectl",
    atMs: Date.parse("2026-01-01T00:00:02Z"),
  });
});

test("nodes: devices, readiness, cordons and taints; without devices they are left out", () => {
  const raw = {
    metadata: { name: "n1", labels: { product: "H100" } },
    spec: { unschedulable: true, taints: [{ key: "gpu", effect: "NoSchedule" }] },
    status: { allocatable: { [GPU]: "8", cpu: "64" }, conditions: [{ type: "Ready", status: "True" }] },
  };
  expect(nodeOf(raw, [GPU])).toEqual({
    name: "n1",
    ready: true,
    cordoned: true,
    labels: { product: "H100" },
    taints: [{ key: "gpu", value: "", effect: "NoSchedule" }],
    devices: { [GPU]: 8 },
  });
  expect(nodeOf({ ...raw, status: { conditions: [{ type: "Ready", status: "Unknown" }] } }, ["x"])).toBeUndefined();
});

test("kinds are scalable where the server lists their scale", () => {
  const kinds = kindsOf({
    resources: [
      { name: "servers", kind: "Server", namespaced: true },
      { name: "servers/scale", kind: "Scale", namespaced: true },
      { name: "models", kind: "Model", namespaced: true },
    ],
  });
  expect(kinds.get("Server")).toEqual({ plural: "servers", namespaced: true, scalable: true });
  expect(kinds.get("Model")?.scalable).toBe(false);
  expect(kinds.has("Scale")).toBe(false);
});
