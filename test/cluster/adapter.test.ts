import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubernetesAdapters } from "../../src/adapters/kubernetes/adapters.ts";
import type { ScaleCommand } from "../../src/ports/actuator.ts";
import type { VariantStatus } from "../../src/status/types.ts";
import { adapters, createResource, installCrds, POLICY, resourcePath, variantSpec } from "./adapter-fixtures.ts";
import { waitFor } from "./lab/cluster.ts";
import { type Lab, startLab } from "./lab/lab.ts";
import {
  acceleratorNodes,
  deployment,
  LEADER_WORKER_SET,
  leaderWorkerSet,
  pod,
  type ScalableKind,
} from "./lab/objects.ts";
import { SIM } from "./lab/stages.ts";

const GPU = "nvidia.com/gpu";
const SERVER: ScalableKind = { group: "example.dev", version: "v1", kind: "Server", plural: "servers" };
const chat = deployment({ name: "chat", replicas: 2, devices: { [GPU]: 4 }, nodeSelector: { zone: "a" } });
const big = leaderWorkerSet({ name: "big", devices: { [GPU]: 8 } }, 2);

let lab: Lab;
let live: KubernetesAdapters;

beforeAll(async () => {
  const h100 = acceleratorNodes("h100", 2, { labels: { zone: "a" } });
  const taints = [{ key: "dedicated", value: "x", effect: "NoSchedule" as const }];
  lab = await startLab({ nodes: [...h100, ...acceleratorNodes("mi300x", 1, { taints })] });
  await installCrds(lab);
  await lab.install(SERVER);
  await lab.install(LEADER_WORKER_SET);
  await createResource(lab, "PlacementPolicy", "default", POLICY);
  await createResource(lab, "ServiceClass", "premium", { priority: 0, slo: { ttftMs: 500 } });
  await lab.create(chat);
  await lab.create(deployment({ name: "hpa-owned", devices: { [GPU]: 1 } }));
  await lab.create(pod({ name: "training", devices: { [GPU]: 2 } }));
  await lab.create({ apiVersion: "example.dev/v1", kind: "Server", metadata: { name: "s" }, spec: { replicas: 2 } });
  await lab.create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "other" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "hpa-owned" }, maxReplicas: 3 },
  });
  await createResource(lab, "VariantAutoscaling", "chat", variantSpec("chat"));
  await createResource(lab, "VariantAutoscaling", "owned", variantSpec("hpa-owned"));
  await createResource(lab, "VariantAutoscaling", "gone", variantSpec("nowhere"));
  const scaleTargetRef = { apiVersion: "example.dev/v1", kind: "Server", name: "s" };
  await createResource(lab, "VariantAutoscaling", "server", variantSpec("s", { scaleTargetRef }));
  await lab.create(big);
  const group = { apiVersion: "leaderworkerset.x-k8s.io/v1", kind: "LeaderWorkerSet", name: "big" };
  await createResource(lab, "VariantAutoscaling", "big", variantSpec("big", { scaleTargetRef: group }));
  await createResource(lab, "VariantAutoscaling", "elsewhere", variantSpec("chat", { policy: "west" }));
  await createResource(lab, "PlacementOverride", "drain", {
    action: "drain",
    subject: { kind: "node", name: "h100-2" },
    reason: "firmware",
    author: "ada",
  });
  await lab.readyPods("app=chat", 2);
  await lab.readyPods("app=training", 1);
  live = await adapters(lab.kubeconfig);
});
afterAll(async () => {
  live?.close();
  await lab?.stop();
});

const scale = (name: string, from: number, to: number, more: Partial<ScaleCommand> = {}): ScaleCommand => ({
  variant: `default/${name}`,
  apiVersion: "apps/v1",
  kind: "Deployment",
  namespace: "default",
  name,
  from,
  to,
  deletionCosts: [],
  ...more,
});
const yes = () => true;

test("the cluster is read: nodes, pods managed and foreign, targets, what people declared", async () => {
  const reading = await live.cluster.read(Date.now());
  expect(reading.unread).toEqual([]);
  expect(reading.inventory.known).toBe(true);
  expect(reading.inventory.nodes.map(({ name, ready, devices }) => [name, ready, devices])).toEqual([
    ["h100-1", true, { [GPU]: 8 }],
    ["h100-2", true, { [GPU]: 8 }],
    ["mi300x-1", true, { "amd.com/gpu": 8 }],
  ]);
  expect(reading.inventory.nodes[2]?.taints).toEqual([{ key: "dedicated", value: "x", effect: "NoSchedule" }]);
  const managed = reading.pods.filter(({ target }) => target === "default/Deployment/chat");
  expect(managed).toHaveLength(2);
  expect(managed[0]).toMatchObject({ devices: { [GPU]: 4 }, ready: true, terminating: false });
  expect(managed[0]?.readyAtMs).toBeGreaterThan(0);
  expect(reading.pods.find(({ name }) => name === "training")?.target).toBeUndefined();
  const targets = Object.fromEntries(reading.targets.map((target) => [target.name, target]));
  expect(targets.chat).toMatchObject({
    found: true,
    problem: undefined,
    specReplicas: 2,
    devicesPerReplica: 4,
    resource: GPU,
    nodeSelector: { zone: "a" },
  });
  expect(targets.big).toMatchObject({ specReplicas: 0, devicesPerReplica: 8, nodesPerReplica: 2, problem: undefined });
  expect(targets["hpa-owned"]?.ownedBy).toBe("HorizontalPodAutoscaler default/other");
  expect(targets.nowhere).toMatchObject({ found: false, problem: "there is no Deployment default/nowhere" });
  expect(targets.s).toMatchObject({ found: true, specReplicas: 2, problem: expect.stringMatching(/asks for devices/) });
  expect(reading.variants.map(({ key }) => key)).not.toContain("default/elsewhere");
  expect(reading.classes).toMatchObject([{ name: "premium", priority: 0, slo: { ttftMs: 500 } }]);
  expect(reading.overrides).toMatchObject([{ id: "drain", action: { type: "drain" }, author: "ada" }]);
  expect(reading.policy).toMatchObject({ name: "default", mode: "act", timeLimitMs: 5000 });
});

test("a pod that fits nowhere, and one that crashes, say so", async () => {
  await lab.create(pod({ name: "huge", devices: { [GPU]: 16 } }));
  await lab.create(pod({ name: "crashing", devices: { [GPU]: 1 }, annotations: { [SIM.crash]: "10ms" } }));
  const pods = await waitFor("both to fail", async () => {
    const { pods } = await live.cluster.read(Date.now());
    const [huge, crashing] = ["huge", "crashing"].map((name) => pods.find((entry) => entry.name === name));
    return huge?.unschedulable !== undefined && crashing?.failing !== undefined && { huge, crashing };
  });
  expect(pods.huge.unschedulable).toMatch(/Insufficient nvidia.com\/gpu/);
  expect(pods.crashing.failing).toBe("CrashLoopBackOff");
  for (const name of ["huge", "crashing"]) await lab.remove(pod({ name }));
});

test("counts are written to anything that has a scale, with the fence before them", async () => {
  const server = scale("server", 2, 5, { apiVersion: "example.dev/v1", kind: "Server", name: "s" });
  const { apiVersion, kind } = big;
  const steps = [[scale("chat", 2, 3)], [server, scale("big", 0, 1, { apiVersion, kind })]];
  const outcomes = await live.actuator.apply(3, steps, yes);
  expect(outcomes.map(({ result, replicas }) => [result, replicas])).toEqual([
    ["done", 3],
    ["done", 5],
    ["done", 1],
  ]);
  expect(await lab.replicas(chat)).toBe(3);
  const { status } = await lab.api.get(resourcePath("VariantAutoscaling", "chat"));
  expect(status.asked).toMatchObject({ revision: 3, replicas: 3 });
  const reading = await live.cluster.read(Date.now());
  expect(reading.actedRevision).toBe(3);
  expect(reading.targets.find(({ name }) => name === "chat")?.scaledBy?.manager).toBe("apportion");
});

test("nothing is written where the count changed, the plan is old, the target is gone or the lease is lost", async () => {
  const results = async (revision: number, command: ScaleCommand, mayAct = yes) =>
    (await live.actuator.apply(revision, [[command]], mayAct)).map(({ result, replicas }) => [result, replicas]);
  expect(await results(4, scale("chat", 2, 1))).toEqual([["changed", 3]]);
  expect(await results(2, scale("chat", 3, 1))).toEqual([["fenced", 3]]);
  expect(await results(4, scale("chat", 3, 1), () => false)).toEqual([["fenced", undefined]]);
  expect(await results(4, scale("gone", 0, 1, { name: "nowhere" }))).toEqual([["gone", undefined]]);
  expect(await results(4, scale("chat", 1, 3))).toEqual([["done", 3]]);
  expect(await lab.replicas(chat)).toBe(3);
});

test("deletion costs choose the pod that goes", async () => {
  const pods = await lab.readyPods("app=chat", 3);
  const [first, victim, last] = pods.map(({ metadata }) => metadata.name);
  const cost = (name: string | undefined, value: number) => ({ namespace: "default", pod: name ?? "", cost: value });
  const deletionCosts = [cost(first, 10), cost(victim, -10), cost(last, 10)];
  expect(await live.actuator.apply(5, [[scale("chat", 3, 2, { deletionCosts })]], yes)).toMatchObject([
    { result: "done" },
  ]);
  const left = (await lab.readyPods("app=chat", 2)).map(({ metadata }) => metadata.name);
  expect(left).toEqual([first, last]);
});

test("a person's kubectl scale is told from ours", async () => {
  await lab.scale(chat, 1);
  const { targets } = await live.cluster.read(Date.now());
  const target = targets.find(({ name }) => name === "chat");
  expect(target?.specReplicas).toBe(1);
  expect(target?.scaledBy?.manager).not.toBe("apportion");
});

test("status is written where it changed, and only there", async () => {
  const status: VariantStatus = {
    observedGeneration: 1,
    pool: "h100",
    devicesPerReplica: 4,
    currentReplicas: 1,
    desiredReplicas: 2,
    readyReplicas: 1,
    startingReplicas: 0,
    pendingReplicas: 0,
    failingReplicas: 0,
    attainment: 0.5,
    reason: "Starting",
    lastPlan: { revision: 5, timeMs: Date.now(), status: "optimal", gap: 0 },
    conditions: [{ type: "Planned", status: "True", reason: "Optimal", message: "proved" }],
  };
  const report = (revision: number, replicas: number) => ({
    atMs: Date.now(),
    variants: new Map([["default/chat", { ...status, desiredReplicas: replicas }]]),
    overrides: new Map([["drain", { applied: true, effect: "no replica on h100-2", revision }]]),
    policy: { summary: "1 workload", lastPlan: { revision: 5, timeMs: 0, status: "optimal" } },
  });
  expect(await live.status.write(report(5, 2))).toEqual({ written: 3, unchanged: 0, failed: [] });
  await live.cluster.read(Date.now());
  expect(await live.status.write(report(6, 2))).toEqual({ written: 0, unchanged: 3, failed: [] });
  expect(await live.status.write(report(7, 3))).toEqual({ written: 1, unchanged: 2, failed: [] });
  const stored = await lab.api.get(resourcePath("VariantAutoscaling", "chat"));
  expect(stored.status).toMatchObject({
    desiredReplicas: 3,
    attainment: 0.5,
    asked: { revision: 5 },
    lastPlan: { revision: 5 },
  });
  const drain = await lab.api.get(resourcePath("PlacementOverride", "drain"));
  expect(drain.status).toMatchObject({ applied: true, effect: "no replica on h100-2" });
});

test("events stand with the variant, equal ones once", async () => {
  const { variants } = await live.cluster.read(Date.now());
  const uid = variants.find(({ name }) => name === "chat")?.uid ?? "";
  const event = { variant: "default/chat", uid, type: "Normal" as const, reason: "Scaled", message: "2 to 3" };
  await live.events.publish([event]);
  await live.events.publish([event]);
  const query = `?fieldSelector=${encodeURIComponent(`involvedObject.uid=${uid}`)}`;
  const events = await lab.api.list(`/api/v1/namespaces/default/events${query}`);
  expect(events.filter((entry) => (entry as { reason?: string }).reason === "Scaled")).toHaveLength(1);
});
