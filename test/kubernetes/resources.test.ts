import { expect, test } from "vitest";
import { acceptedRequests, podsWithNodeComing } from "../../src/adapters/kubernetes/convert/node-coming.ts";
import {
  absentPolicy,
  overrideOf,
  policyOf,
  rawOverride,
  variantOf,
} from "../../src/adapters/kubernetes/convert/resources.ts";
import type { WorldOverride } from "../../src/snapshot/world/types.ts";

const spec = { scaleTargetRef: { kind: "Deployment", name: "chat-h100" }, workload: "chat", serviceClass: "premium" };
const raw = (more: object = {}) => ({
  metadata: { namespace: "ml", name: "chat-h100", uid: "u", generation: 3 },
  spec: { ...spec, ...more },
});

test("a variant with what is required alone has the defaults of the CRD", () => {
  expect(variantOf(raw({ capacityPerSecond: 2 }), {})).toMatchObject({
    key: "ml/chat-h100",
    target: "ml/Deployment/chat-h100",
    workload: "ml/chat",
    role: "both",
    minReplicas: 0,
    maxReplicas: undefined,
    startSeconds: 120,
    suspended: false,
    behavior: { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 300 } },
  });
});

test("behavior: the variant's field before the policy's before the default", () => {
  const defaults = { startSeconds: 60, behavior: { scaleDown: { stabilizationWindowSeconds: 30, tolerance: 0.2 } } };
  const variant = variantOf(raw({ behavior: { scaleDown: { selectPolicy: "Disabled", tolerance: 0 } } }), defaults);
  expect(variant.startSeconds).toBe(60);
  expect(variant.behavior.scaleDown).toEqual({
    stabilizationWindowSeconds: 30,
    selectPolicy: "Disabled",
    policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
    tolerance: 0,
  });
});

test("a profile gets the defaults of its dialect", () => {
  const profile = { dialect: "D3", alphaMs: 1, betaMs: 2, gammaMs: 3, maxBatchSize: 4 };
  expect(variantOf(raw({ profile }), {}).profile).toEqual({ ...profile, maxQueueSize: 0, maxNumTokens: 8192 });
});

test("a kind of serving gets its defaults; one with fields of another kind counts as not said", () => {
  const serving = (of: object) => variantOf(raw({ serving: of }), {}).serving;
  const queue = { kind: "queue", drainSeconds: 60 };
  expect(serving(queue)).toEqual({ ...queue, quantile: 0.95, arrivalDispersion: 1, serviceVariation: 0 });
  const deadlineAtMs = Date.parse("2030-01-01T06:00:00Z");
  expect(serving({ kind: "batch", deadline: "2030-01-01T06:00:00Z" })).toEqual({
    kind: "batch",
    deadlineAtMs,
    lateSeconds: 3600,
  });
  expect(serving({ ...queue, limitMs: 5 })).toBeUndefined();
  expect(serving({ kind: "queue" })).toBeUndefined();
});

test("a policy in seconds becomes one in milliseconds; an absent one plans nothing", () => {
  const policy = policyOf({
    metadata: { name: "east" },
    spec: { mode: "act", pools: [{ name: "h100" }], budget: { maxStopsPerCycle: 0 }, quotas: [{ tenant: "a" }] },
  });
  expect(policy).toMatchObject({
    name: "east",
    mode: "act",
    pools: [{ name: "h100", resource: "nvidia.com/gpu", nodeLabels: {}, pricePerDeviceHour: 0 }],
    quotas: [{ tenant: "a", guaranteedDevices: 0 }],
    maxStopsPerCycle: 0,
    maxStartsPerCycle: undefined,
    demandStaleAfterMs: 120_000,
    demandForgetAfterMs: 86_400_000,
    timeLimitMs: 5_000,
  });
  expect(absentPolicy("east")).toMatchObject({ name: "east", mode: "observe", pools: [] });
});

test("an override survives the way to its resource and back", () => {
  const override: WorldOverride = {
    id: "keep-chat",
    action: { type: "pin", replicas: 0 },
    subject: { kind: "variant", name: "ml/chat-h100" },
    reason: "incident 7",
    author: "ada",
    createdAtMs: 0,
    expiresAtMs: Date.parse("2026-01-02T00:00:00Z"),
  };
  const stored = rawOverride(override, "default");
  expect(
    overrideOf({ ...stored, metadata: { ...stored.metadata, creationTimestamp: "1970-01-01T00:00:00Z" } }),
  ).toEqual(override);
  const drain: WorldOverride = { ...override, action: { type: "drain" }, subject: { kind: "node", name: "n1" } };
  expect(overrideOf(rawOverride(drain, "default")).action).toEqual({ type: "drain" });
});

test("a node is coming where an event of late, or an accepted request, says so", () => {
  const event = (name: string, lastTimestamp: string) => ({
    involvedObject: { kind: "Pod", namespace: "ml", name },
    lastTimestamp,
  });
  const nowMs = Date.parse("2026-01-01T01:00:00Z");
  const events = [event("a", "2026-01-01T00:50:00Z"), event("b", "2026-01-01T00:30:00Z")];
  expect([...podsWithNodeComing(events, nowMs)]).toEqual(["ml/a"]);
  const request = (name: string, ...types: string[]) => ({
    metadata: { namespace: "ml", name },
    status: { conditions: types.map((type) => ({ type, status: "True" })) },
  });
  const requests = [request("r1", "Accepted"), request("r2", "Accepted", "Failed"), request("r3")];
  expect([...acceptedRequests(requests)]).toEqual(["ml/r1"]);
});
