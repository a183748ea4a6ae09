import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWorld, worldText } from "../../../src/snapshot/world/codec.ts";
import type { World } from "../../../src/snapshot/world/types.ts";
import {
  demand,
  NOW,
  node,
  override,
  pod,
  remembered,
  starting,
  target,
  variant,
  waiting,
  world,
} from "../../guard/world.ts";

function full(): World {
  return world({
    clusterTimeMs: NOW,
    inventory: {
      known: true,
      nodes: [node("n1", { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] }), node("n2")],
    },
    pods: [
      pod("a", "p1"),
      starting("a", "p2", 9, { failing: "OOMKilled" }),
      waiting("a", "p3", 9, { unschedulable: "no" }),
    ],
    targets: [
      target("a", {
        scaledBy: { manager: "kubectl", atMs: NOW },
        nodeAffinity: [{ expressions: [{ key: "zone", operator: "In", values: ["x"] }] }],
        tolerations: [{ key: "k", operator: "Exists", value: "" }],
      }),
    ],
    variants: [
      variant("a", {
        profile: { dialect: "D2", alphaMs: 20, betaMs: 0.1, gammaMs: 0, maxBatchSize: 8, maxQueueSize: 0 },
        tokenMix: { inputTokens: 10, outputTokens: 5.5 },
      }),
    ],
    overrides: [override("o", { type: "pin", replicas: 0 }, { kind: "variant", name: "ns/a" })],
    demands: [demand("a", 1.25)],
    memory: {
      revision: 3,
      lastCycleAtMs: NOW,
      variants: { "ns/a": remembered({ counted: { "ns/p1": 5 }, unready: { "ns/p2": 6 }, missingSinceMs: 7 }) },
      trust: { "h100/4": { lostAtMs: 1, probeAtMs: 2, failures: 1, reason: "no", probing: true, scheduled: 0 } },
      lastPlan: { revision: 2, atMs: 1, replicas: { "ns/a": 1 } },
      proposal: { revision: 2, atMs: 1, replicas: { "ns/a": 1 }, summary: "s" },
      approvedRevision: 1,
    },
  });
}

function read(text: string): World {
  const parsed = parseWorld(JSON.parse(text));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  return parsed.value;
}

test("a recorded world is read back as it was, and written again as the same bytes", () => {
  const w = full();
  const text = worldText(w);
  expect(read(text)).toEqual(w);
  expect(worldText(read(text))).toBe(text);
});

test("the order in which fields were set does not show", () => {
  const w = full();
  const turned = Object.fromEntries(Object.entries(w).reverse()) as unknown as World;
  expect(worldText(turned)).toBe(worldText(w));
});

test("any memory survives", () => {
  const key = fc.string({ minLength: 1 }).map((name) => `ns/${name}`);
  const times = fc.dictionary(key, fc.nat());
  const memory = fc.record({
    recommendations: fc.array(fc.record({ atMs: fc.nat(), replicas: fc.nat(1000) })),
    scaleEvents: fc.array(fc.record({ atMs: fc.nat(), change: fc.integer({ min: -99, max: 99 }) })),
    startSeconds: fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })),
    counted: times,
  });
  fc.assert(
    fc.property(memory, fc.dictionary(key, fc.nat(1000)), (variantMemory, replicas) => {
      const w = full();
      w.memory.variants = { "ns/a": variantMemory };
      w.memory.lastPlan = { revision: 1, atMs: 1, replicas };
      const text = worldText(w);
      expect(worldText(read(text))).toBe(text);
      expect(JSON.parse(text).memory.lastPlan.replicas).toEqual({ ...replicas });
    }),
  );
});

test.each<[string, (w: World) => unknown, string, RegExp, RegExp]>([
  ["an unknown field", (w) => Object.assign(w.pods[0]!, { redy: true }), "pods[0].redy", /no such field/, /"ready"/],
  [
    "a missing field",
    (w) => void delete (w.pods[0]! as Partial<World["pods"][number]>).ready,
    "pods[0].ready",
    /required/,
    /./,
  ],
  ["no time", (w) => Object.assign(w, { takenAtMs: Number.NaN }), "takenAtMs", /finite number/, /epoch/],
  [
    "an action",
    (w) => Object.assign(w.overrides[0]!, { action: { type: "pinn" } }),
    "overrides[0].action.type",
    /"pin"/,
    /./,
  ],
  [
    "two nodes of one name",
    (w) => Object.assign(w.inventory.nodes[1]!, { name: "n1" }),
    "inventory.nodes[1].name",
    /unique/,
    /one of the two/,
  ],
  [
    "half a replica",
    (w) => Object.assign(w.targets[0]!, { specReplicas: 0.5 }),
    "targets[0].specReplicas",
    /whole number/,
    /./,
  ],
])("%s is refused with path, rule and fix", (_, spoil, path, rule, fix) => {
  const w = full();
  spoil(w);
  const parsed = parseWorld(w);
  if (parsed.ok) throw new Error("was read");
  const found = parsed.violations.find((violation) => violation.path === path);
  expect(found?.rule).toMatch(rule);
  expect(found?.fix).toMatch(fix);
});
