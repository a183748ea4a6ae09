import { parseProblem, solve } from "@apportion/solver";
import { describe, expect, test } from "vitest";
import { recommendationBounds } from "../../src/guard/bounds.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { demands } from "../../src/plan/demand/demands.ts";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { worldToSnapshot } from "../../src/plan/world-to-snapshot.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import type { World, WorldDemand } from "../../src/snapshot/world/types.ts";
import {
  demand,
  GPU,
  gold,
  NOW,
  node,
  override,
  pod,
  policy,
  starting,
  target,
  variant,
  waiting,
  world,
  worldOf,
} from "../guard/world.ts";

function snapshotOf(w: World): Snapshot {
  const { world: observed, states, resolved } = observedWorld(w);
  const snapshot = worldToSnapshot(observed, states, resolved, recommendationBounds(observed, states, resolved));
  if (snapshot === undefined) throw new Error("nothing to plan");
  return snapshot;
}

const rowsOf = (w: World, pool = 0) => snapshotOf(w).inventory.pools[pool]?.nodes;
const codeOf = (w: World, name = "ns/a") => observedWorld(w).resolved.leftAlone.get(name)?.code;

/** Counts that the solver gives, by variant. */
async function planOf(w: World): Promise<Record<string, number>> {
  const snapshot = snapshotOf(w);
  expect(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))).toMatchObject({ ok: true });
  const { problem } = snapshotToProblem(snapshot);
  const read = parseProblem(problem);
  if (!read.ok) throw new Error(JSON.stringify(read.violations));
  const plan = await solve(read.problem, { engine: "highs" });
  return Object.fromEntries(plan.workloads.flatMap((m) => m.variants.map((v) => [v.name, v.replicas + 0])));
}

describe("rows of nodes", () => {
  test("identical nodes are one row; what replicas hold is held and free", () => {
    const nodes = ["n1", "n2", "n3"].map((name) => node(name));
    const w = worldOf([pod("a", "p1")], 1, { inventory: { known: true, nodes } });
    expect(rowsOf(w)).toEqual([
      { freeDevices: 8, count: 2, taints: [], holds: {} },
      { freeDevices: 8, count: 1, taints: [], holds: { "ns/a": 1 } },
    ]);
  });

  test("foreign pods are not free until they are gone; other resources do not count", () => {
    const pods = [
      pod(undefined, "train", { devices: { [GPU]: 3 }, terminating: true }),
      pod(undefined, "cpu", { devices: { "amd.com/gpu": 8 } }),
      pod(undefined, "queued", { node: undefined }),
    ];
    expect(rowsOf(worldOf(pods, 0))?.map(({ freeDevices }) => freeDevices)).toEqual([8, 5]);
  });

  test("replicas that leave or fail are free, those that start are held", () => {
    const pods = [
      pod("a", "p1", { terminating: true }),
      starting("a", "p2", 5_000, { failing: "CrashLoopBackOff" }),
      starting("a", "p3", 5_000, { node: "n2" }),
    ];
    expect(rowsOf(worldOf(pods, 2))).toEqual([
      { freeDevices: 8, count: 1, taints: [], holds: {} },
      { freeDevices: 8, count: 1, taints: [], holds: { "ns/a": 1 } },
    ]);
  });

  test("what variants that are left alone hold is not free", () => {
    const w = worldOf([pod("a", "p1"), pod("b", "q1")], 1);
    const alone = [...w.variants, variant("b", { serviceClass: "none" })];
    const targets = [...w.targets, target("b", { specReplicas: 1 })];
    expect(rowsOf({ ...w, variants: alone, targets })?.[1]).toMatchObject({ freeDevices: 4, holds: { "ns/a": 1 } });
  });

  test.each([
    ["cordoned", { cordoned: true }],
    ["not ready", { ready: false }],
    ["tainted meanwhile", { taints: [{ key: "k", value: "", effect: "NoSchedule" as const }] }],
  ])("%s: what runs there stays counted, and nothing more goes there", async (_, changes) => {
    const nodes = [node("n1", changes), node("n2")];
    const w = worldOf([pod("a", "p1")], 1, { inventory: { known: true, nodes }, demands: [demand("a", 9)] });
    const held = rowsOf(w)?.find(({ holds }) => "ns/a" in holds);
    expect(held).toMatchObject({ freeDevices: 4, count: 1, taints: [{ key: "apportion.dev/held-by" }] });
    expect(await planOf(w)).toEqual({ "ns/a": 3 });
  });

  test("the place of one replica on a cordoned node is not another's", async () => {
    const w = world({
      inventory: { known: true, nodes: [node("n1", { cordoned: true })] },
      pods: [pod("a", "p1"), pod("b", "q1")],
      targets: [target("a", { specReplicas: 1 }), target("b", { specReplicas: 1 })],
      variants: [variant("a"), variant("b")],
      demands: [demand("a", 9), demand("b", 0)],
    });
    expect(await planOf(w)).toEqual({ "ns/a": 1, "ns/b": 0 });
  });

  test("taints and tolerations of the pod template decide who may go where", async () => {
    const taints = [{ key: "team", value: "x", effect: "NoSchedule" as const }];
    const w = worldOf([], 0, {
      inventory: { known: true, nodes: [node("n1"), node("n2", { taints })] },
      demands: [demand("a", 9)],
    });
    expect(await planOf(w)).toEqual({ "ns/a": 2 });
    const tolerations = [{ key: "team", operator: "Exists" as const, value: "" }];
    expect(await planOf({ ...w, targets: [target("a", { tolerations })] })).toEqual({ "ns/a": 4 });
  });

  test("where a selector accepts only some nodes of the pool, only those are used", async () => {
    const zone = (name: string, value: string) => node(name, { labels: { gpu: "h100", zone: value } });
    const w = world({
      inventory: { known: true, nodes: [zone("n1", "east"), zone("n2", "west"), node("n3")] },
      targets: [
        target("a", { nodeSelector: { zone: "east" } }),
        target("b", { nodeAffinity: [{ expressions: [{ key: "zone", operator: "In", values: ["east", "west"] }] }] }),
        target("c"),
      ],
      variants: [variant("a"), variant("b"), variant("c", { serviceClass: "silver" })],
      classes: [gold(), gold({ name: "silver", priority: 9 })],
      demands: [demand("a", 1), demand("b", 9), demand("c", 9)],
    });
    const rows = rowsOf(w);
    expect(rows?.filter(({ taints }) => taints.length > 0)).toHaveLength(2);
    expect(await planOf(w)).toEqual({ "ns/a": 1, "ns/b": 3, "ns/c": 2 });
  });

  test("a drained node is not there, a drained pool holds nothing", async () => {
    const drain = (kind: "node" | "pool", name: string) => [override("o", { type: "drain" }, { kind, name })];
    const w = worldOf([pod("a", "p1")], 1, { demands: [demand("a", 9)] });
    expect(rowsOf({ ...w, overrides: drain("node", "n1") })).toEqual([
      { freeDevices: 8, count: 1, taints: [], holds: {} },
    ]);
    expect(await planOf({ ...w, overrides: drain("pool", "h100") })).toEqual({ "ns/a": 0 });
  });

  test("a node that lost devices still runs what it runs", () => {
    const nodes = [node("n1", { devices: { [GPU]: 2 } })];
    expect(rowsOf(worldOf([pod("a", "p1")], 1, { inventory: { known: true, nodes } }))?.[0]?.freeDevices).toBe(4);
  });
});

describe("pools", () => {
  const two = policy({
    pools: [
      { name: "h100", resource: GPU, nodeLabels: { gpu: "h100" }, pricePerDeviceHour: 4 },
      { name: "l40s", resource: GPU, nodeLabels: { gpu: "l40s" }, pricePerDeviceHour: 1 },
    ],
  });
  const nodes = [node("n1"), node("n2", { labels: { gpu: "l40s" } }), node("n3", { labels: { gpu: "l40s" } })];
  const w = worldOf([], 0, { policy: two, inventory: { known: true, nodes } });
  const poolOf = (of: World) => observedWorld(of).resolved.plannable.get("ns/a")?.pool;

  test("resource and labels make the pool, the target's selector chooses it", () => {
    const select = (gpu: string) => ({ ...w, targets: [target("a", { nodeSelector: { gpu } })] });
    expect([poolOf(select("h100")), poolOf(select("l40s"))]).toEqual(["h100", "l40s"]);
    expect(codeOf(select("b200"))).toBe("PoolUnknown");
    expect(codeOf({ ...w, targets: [target("a", { resource: "amd.com/gpu" })] })).toBe("PoolUnknown");
  });

  test("a pool without nodes is known by its labels", () => {
    const empty = {
      ...w,
      inventory: { known: true, nodes: [] },
      targets: [target("a", { nodeSelector: { gpu: "h100" } })],
    };
    expect(poolOf(empty)).toBe("h100");
  });

  test("where several would do: where it runs, else where most nodes are; and that is said", () => {
    expect(poolOf(w)).toBe("l40s");
    const running = { ...w, pods: [pod("a", "p1")], targets: [target("a", { specReplicas: 1 })] };
    expect(poolOf(running)).toBe("h100");
    expect(observedWorld(w).resolved.plannable.get("ns/a")?.notes[0]?.code).toBe("PoolAmbiguous");
  });
});

test.each([
  ["DevicesUnknown", { targets: [target("a", { devicesPerReplica: 0 })] }],
  ["ServiceClassMissing", { classes: [] }],
  ["CapacityUnknown", { variants: [variant("a", { capacityPerSecond: undefined })] }],
  ["RolePartnerMissing", { variants: [variant("a", { role: "prefill" })] }],
  [
    "SloUnreachable",
    {
      classes: [gold({ slo: { itlMs: 1 } })],
      variants: [
        variant("a", {
          capacityPerSecond: undefined,
          tokenMix: { inputTokens: 100, outputTokens: 100 },
          profile: { dialect: "D2", alphaMs: 20, betaMs: 0.1, gammaMs: 0.001, maxBatchSize: 8, maxQueueSize: 0 },
        }),
      ],
    },
  ],
] as [string, Partial<World>][])("left alone: %s", (code, changes) => {
  expect(codeOf(worldOf([], 0, changes))).toBe(code);
});

test("a second variant of one target, and one that disagrees with its workload, are left alone", () => {
  const shared = worldOf([], 0, { variants: [variant("a"), variant("b", { target: "ns/Deployment/a" })] });
  expect(codeOf(shared, "ns/b")).toBe("TargetShared");
  const other = variant("b", { workload: "ns/a", tenant: "t" });
  const w = worldOf([], 0, { variants: [variant("a"), other], targets: [target("a"), target("b")] });
  expect(codeOf(w, "ns/b")).toBe("WorkloadDisagrees");
});

describe("demand", () => {
  test("sources add up by their newest report; stale ones are named and not counted", () => {
    const w = worldOf([], 0, {
      demands: [
        demand("a", 1, { reportedAtMs: NOW - 30_000 }),
        demand("a", 2),
        demand("a", 4, { source: "queue", tokenMix: { inputTokens: 10, outputTokens: 2 } }),
        demand("a", 8, { source: "dead", reportedAtMs: NOW - 61_000 }),
      ],
    });
    expect(demands(w, new Map()).get("ns/a")).toEqual({
      known: "some",
      perSecond: 6,
      nowPerSecond: 6,
      unit: "requests",
      tokenMix: { inputTokens: 10, outputTokens: 2 },
      staleSources: ["dead"],
      basis: "6 requests/s now",
    });
  });

  test("a source silent for long does not count where another reports in time, and is held where none does", () => {
    const retired = demand("a", 8, { source: "retired", reportedAtMs: NOW - 3_600_001 });
    const late = demand("a", 1, { reportedAtMs: NOW - 61_000 });
    const known = (demandForgetAfterMs: number | undefined, ...demandsOfA: WorldDemand[]) =>
      demands(
        worldOf([], 0, {
          demands: [retired, ...demandsOfA],
          variants: [variant("a", { demandPerSecond: 1 })],
          policy: policy(demandForgetAfterMs === undefined ? {} : { demandForgetAfterMs }),
        }),
        new Map(),
      ).get("ns/a");
    expect(known(3_600_000, demand("a", 2))).toMatchObject({ known: "all", perSecond: 2, staleSources: [] });
    expect(known(undefined, demand("a", 2))).toMatchObject({ known: "some", staleSources: ["retired"] });
    expect(known(3_600_000, late)).toMatchObject({ known: "none", perSecond: 9 });
    expect(known(3_600_000)).toMatchObject({ known: "none", perSecond: 8 });
  });

  test("a report of 0 is known, and stands above what the resource states", () => {
    const w = worldOf([], 0, { demands: [demand("a", 0)], variants: [variant("a", { demandPerSecond: 7 })] });
    expect(demands(w, new Map()).get("ns/a")).toMatchObject({ known: "all", perSecond: 0 });
  });
});

describe("the cases", () => {
  test("18: replicas that are on their way are not asked for again", async () => {
    const pods = [pod("a", "p1"), starting("a", "p2", 5_000, { node: "n2" }), waiting("a", "p3", 1_000)];
    const w = worldOf(pods, 3, { demands: [demand("a", 3)] });
    expect(snapshotOf(w).workloads[0]?.variants[0]?.currentReplicas).toBe(3);
    expect(await planOf(w)).toEqual({ "ns/a": 3 });
  });

  test("19: demand of replicas that stay unschedulable moves to another variant", async () => {
    const nodes = [node("n1"), node("n2", { labels: { gpu: "l40s" } })];
    const pools = [
      { name: "h100", resource: GPU, nodeLabels: { gpu: "h100" }, pricePerDeviceHour: 1 },
      { name: "l40s", resource: GPU, nodeLabels: { gpu: "l40s" }, pricePerDeviceHour: 2 },
    ];
    const world19 = (ageMs: number) =>
      world({
        policy: policy({ pools }),
        inventory: { known: true, nodes },
        pods: [pod("a", "p1"), waiting("a", "p2", ageMs, { unschedulable: "Insufficient nvidia.com/gpu" })],
        targets: [
          target("a", { specReplicas: 2, nodeSelector: { gpu: "h100" } }),
          target("b", { nodeSelector: { gpu: "l40s" } }),
        ],
        variants: [variant("a"), variant("b", { workload: "ns/a" })],
        demands: [demand("a", 2)],
      });
    expect(await planOf(world19(60_000))).toEqual({ "ns/a": 2, "ns/b": 0 });
    expect(await planOf(world19(120_000))).toEqual({ "ns/a": 1, "ns/b": 1 });
  });

  test("21: a group holds its members' nodes, and another needs as many", async () => {
    const pods = [pod("a", "g-0", { group: "g" }), pod("a", "g-1", { group: "g", node: "n2" })];
    const w = worldOf(pods, 1, {
      targets: [target("a", { specReplicas: 1, nodesPerReplica: 2 })],
      demands: [demand("a", 9)],
    });
    expect(rowsOf(w)).toEqual([{ freeDevices: 8, count: 2, taints: [], holds: { "ns/a": 1 } }]);
    expect(await planOf(w)).toEqual({ "ns/a": 2 });
  });
});
