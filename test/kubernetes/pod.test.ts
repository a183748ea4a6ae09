import { expect, test } from "vitest";
import { parseSelector } from "../../src/adapters/kubernetes/convert/owner.ts";
import { podOf } from "../../src/adapters/kubernetes/convert/pod.ts";

const GPU = "nvidia.com/gpu";
const context = { resources: [GPU, "amd.com/gpu"], selectors: [], nodeComing: new Set(["ml/a"]) };
const gpus = (count: number) => ({ resources: { requests: { [GPU]: String(count) } } });

function pod(change: { metadata?: object; spec?: object; status?: object }) {
  return {
    metadata: { namespace: "ml", name: "a", creationTimestamp: "2026-01-01T00:00:00Z", ...change.metadata },
    spec: { containers: [gpus(2)], ...change.spec },
    status: { phase: "Pending", ...change.status },
  };
}

test("a pod without devices, or one that finished, is left out", () => {
  expect(podOf(pod({ spec: { containers: [{}] } }), context)).toBeUndefined();
  expect(podOf(pod({ status: { phase: "Succeeded" } }), context)).toBeUndefined();
  expect(podOf(pod({ status: { phase: "Failed" } }), context)).toBeUndefined();
});

test("devices are what the scheduler counts: containers and sidecars together, or the largest init container", () => {
  const sidecar = { ...gpus(1), restartPolicy: "Always" };
  const devices = (spec: object) => podOf(pod({ spec }), context)?.devices;
  expect(devices({ containers: [gpus(2), gpus(1)] })).toEqual({ [GPU]: 3 });
  expect(devices({ containers: [gpus(2)], initContainers: [gpus(4)] })).toEqual({ [GPU]: 4 });
  expect(devices({ containers: [gpus(2)], initContainers: [sidecar, gpus(4)] })).toEqual({ [GPU]: 5 });
  expect(devices({ containers: [gpus(2)], initContainers: [sidecar] })).toEqual({ [GPU]: 3 });
  expect(devices({ containers: [{ resources: { limits: { "amd.com/gpu": 8 } } }] })).toEqual({ "amd.com/gpu": 8 });
});

test("the states of a replica and their times are read from conditions", () => {
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:05Z" };
  const ready = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:01:05Z" };
  const running = podOf(pod({ spec: { nodeName: "n1" }, status: { conditions: [scheduled, ready] } }), context);
  const createdAtMs = Date.parse("2026-01-01T00:00:00Z");
  expect(running).toMatchObject({
    node: "n1",
    ready: true,
    createdAtMs,
    scheduledAtMs: createdAtMs + 5_000,
    readyAtMs: createdAtMs + 65_000,
  });
  const refused = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" };
  expect(podOf(pod({ status: { conditions: [refused] } }), context)).toMatchObject({
    unschedulable: "0/3 nodes",
    nodeComing: true,
    ready: false,
  });
  const going = podOf(pod({ metadata: { deletionTimestamp: "x" }, status: { conditions: [ready] } }), context);
  expect(going).toMatchObject({ terminating: true, ready: false });
});

test("failing is told from starting, and out of memory from the back-off after it", () => {
  const failing = (...containerStatuses: object[]) => podOf(pod({ status: { containerStatuses } }), context)?.failing;
  expect(failing({ state: { waiting: { reason: "ContainerCreating" } } })).toBeUndefined();
  expect(failing({ state: { waiting: { reason: "ImagePullBackOff" } } })).toBe("ImagePullBackOff");
  expect(failing({}, { state: { waiting: { reason: "CrashLoopBackOff" } } })).toBe("CrashLoopBackOff");
  const lastState = { terminated: { reason: "OOMKilled" } };
  expect(failing({ state: { waiting: { reason: "CrashLoopBackOff" } }, lastState })).toBe("OOMKilled");
});

test("a pod's target is found by its owner, its group or a selector", () => {
  const owned = (kind: string, name: string, labels: Record<string, string> = {}) =>
    podOf(pod({ metadata: { labels, ownerReferences: [{ kind, name, controller: true }] } }), context);
  expect(owned("ReplicaSet", "chat-5d9f", { "pod-template-hash": "5d9f" })?.target).toBe("ml/Deployment/chat");
  expect(owned("ReplicaSet", "bare")?.target).toBe("ml/ReplicaSet/bare");
  expect(owned("StatefulSet", "chat")?.target).toBe("ml/StatefulSet/chat");
  const member = { "leaderworkerset.sigs.k8s.io/name": "big", "leaderworkerset.sigs.k8s.io/group-index": "2" };
  expect(owned("StatefulSet", "big-2", member)).toMatchObject({ target: "ml/LeaderWorkerSet/big", group: "big-2" });
  const selectors = [{ target: "ml/Server/s", namespace: "ml", matches: parseSelector("app=s") }];
  expect(podOf(pod({ metadata: { labels: { app: "s" } } }), { ...context, selectors })?.target).toBe("ml/Server/s");
  expect(podOf(pod({}), { ...context, selectors })?.target).toBeUndefined();
});

test.each([
  ["app=a", { app: "a" }, true],
  ["app==a,tier!=x", { app: "a" }, true],
  ["app=a,tier!=x", { app: "a", tier: "x" }, false],
  ["app in (a, b),!old", { app: "b" }, true],
  ["app notin (a,b)", { app: "a" }, false],
  ["app notin (a,b)", {}, true],
  ["app", { app: "" }, true],
  ["!app", { app: "" }, false],
  ["", { app: "a" }, false],
  ["app in a", { app: "a" }, false],
])("selector %j on %j: %s", (selector, labels, matches) => {
  expect(parseSelector(selector)(labels as Record<string, string>)).toBe(matches);
});
