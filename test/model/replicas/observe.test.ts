import { describe, expect, test } from "vitest";
import { observeReplicas } from "../../../src/model/replicas/observe.ts";
import { quantile } from "../../../src/model/replicas/start-times.ts";
import type { VariantReplicas } from "../../../src/model/replicas/types.ts";
import type { World, WorldPod } from "../../../src/snapshot/world/types.ts";
import { NOW, node, pod, remembered, starting, target, variant, waiting, world, worldOf } from "../../guard/world.ts";

function stateOf(w: World, name = "ns/a"): VariantReplicas {
  const state = observeReplicas(w).states.get(name);
  if (state === undefined) throw new Error(`no state of ${name}`);
  return state;
}

function memoryOf(w: World, name = "ns/a") {
  const memory = observeReplicas(w).variants[name];
  if (memory === undefined) throw new Error(`no memory of ${name}`);
  return memory;
}

const learned = (changes = {}) => ({
  revision: 1,
  lastCycleAtMs: NOW - 15_000,
  trust: {},
  variants: { "ns/a": remembered(changes) },
});

describe("the rows of the table of pending pods", () => {
  test("ready: supply", () => {
    expect(stateOf(worldOf([pod("a", "p1")], 1))).toMatchObject({ ready: 1, current: 1, scheduled: 1, failing: 0 });
  });

  test("starting: supply from its expected ready time", () => {
    const state = stateOf(worldOf([starting("a", "p1", 30_000)], 1));
    expect(state).toMatchObject({ ready: 0, starting: 1, current: 1, scheduled: 1 });
    expect(state.replicas[0]?.expectedReadyAtMs).toBe(NOW - 30_000 + 100_000);
  });

  test("starting: from the learned quantile, once it is learned", () => {
    const memory = learned({ startSeconds: [40, 41, 42, 43, 44] });
    const state = stateOf(worldOf([starting("a", "p1", 30_000)], 1, { memory }));
    expect(state.replicas[0]?.expectedReadyAtMs).toBe(NOW - 30_000 + quantile([40, 41, 42, 43, 44], 0.9) * 1000);
  });

  test("starting for longer than what is learned: failing", () => {
    const memory = learned({ startSeconds: [40, 41, 42, 43, 44] });
    const state = stateOf(worldOf([starting("a", "p1", 70_000)], 1, { memory }));
    expect(state).toMatchObject({ starting: 0, failing: 1, current: 0 });
    expect(state.replicas[0]?.reason).toBe("StartTimeExceeded");
  });

  test("pending, a node is coming: as starting, with the longer time", () => {
    const state = stateOf(worldOf([waiting("a", "p1", 300_000, { nodeComing: true, unschedulable: "no" })], 1));
    expect(state).toMatchObject({ nodeComing: 1, unschedulable: 0, current: 1, scheduled: 0 });
    expect(state.replicas[0]?.expectedReadyAtMs).toBe(NOW - 300_000 + 600_000 + 100_000);
  });

  test("pending, the node has not come in its time: unschedulable", () => {
    const state = stateOf(worldOf([waiting("a", "p1", 800_000, { nodeComing: true })], 1));
    expect(state).toMatchObject({ nodeComing: 0, unschedulable: 1, overdue: 1, current: 0 });
  });

  test("pending, unschedulable: coming until the timeout, then not", () => {
    const refused = { unschedulable: "0/2 nodes: Insufficient nvidia.com/gpu" };
    const early = stateOf(worldOf([waiting("a", "p1", 60_000, refused)], 1));
    expect(early).toMatchObject({ unschedulable: 1, overdue: 0, current: 1, size: 4 });
    const late = stateOf(worldOf([waiting("a", "p1", 120_000, refused)], 1));
    expect(late).toMatchObject({ unschedulable: 1, overdue: 1, current: 0 });
    expect(late.replicas[0]).toMatchObject({ sinceMs: NOW - 120_000, reason: refused.unschedulable });
  });

  test.each(["CrashLoopBackOff", "ImagePullBackOff", "OOMKilled"])("%s: failing, counts for nothing", (failing) => {
    const state = stateOf(worldOf([starting("a", "p1", 5_000, { failing }), pod("a", "p2")], 2));
    expect(state).toMatchObject({ ready: 1, failing: 1, current: 1 });
    expect(state.replicas[1]?.reason).toBe(failing);
  });

  test("not yet seen by the scheduler, or not yet created: coming supply", () => {
    expect(stateOf(worldOf([waiting("a", "p1", 1_000)], 3))).toMatchObject({ pending: 3, missing: 2, current: 3 });
  });

  test("never created, and nothing on its way: failing after the timeout", () => {
    const memory = learned({ missingSinceMs: NOW - 120_000 });
    expect(stateOf(worldOf([pod("a", "p1")], 2, { memory }))).toMatchObject({ missing: 0, failing: 1, current: 1 });
    // An ordered controller makes the next one when this one is ready.
    const ordered = worldOf([starting("a", "p1", 10_000)], 2, { memory });
    expect(stateOf(ordered)).toMatchObject({ missing: 1, failing: 0, current: 2 });
    expect(memoryOf(ordered).missingSinceMs).toBeUndefined();
  });
});

describe("replicas of several pods", () => {
  const group = (pods: WorldPod[], asked = 1) =>
    world({
      pods,
      targets: [target("a", { specReplicas: asked, nodesPerReplica: 2 })],
      variants: [variant("a")],
    });

  test("one replica is the whole group: ready with its last member", () => {
    const both = [pod("a", "g-0", { group: "g" }), pod("a", "g-1", { group: "g", node: "n2" })];
    expect(stateOf(group(both))).toMatchObject({ ready: 1, current: 1, scheduled: 1 });
    const half = [pod("a", "g-0", { group: "g" }), starting("a", "g-1", 9_000, { group: "g", node: "n2" })];
    expect(stateOf(group(half))).toMatchObject({ ready: 0, starting: 1, current: 1 });
  });

  test("a refused member makes the group unschedulable, a failing one failing", () => {
    const refused = [
      pod("a", "g-0", { group: "g" }),
      waiting("a", "g-1", 500_000, { group: "g", unschedulable: "no" }),
    ];
    expect(stateOf(group(refused))).toMatchObject({ unschedulable: 1, overdue: 1, current: 0, scheduled: 0 });
    const failing = [pod("a", "g-0", { group: "g" }), starting("a", "g-1", 1, { group: "g", failing: "OOMKilled" })];
    expect(stateOf(group(failing))).toMatchObject({ failing: 1, current: 0 });
  });

  test("a group without all its members is on its way, and fails after the timeout", () => {
    expect(stateOf(group([starting("a", "g-0", 9_000, { group: "g" })]))).toMatchObject({ pending: 1, current: 1 });
    const old = group([pod("a", "g-0", { group: "g" })]);
    expect(stateOf(old).replicas[0]).toMatchObject({ phase: "failing", reason: "GroupIncomplete" });
  });
});

describe("what is learned", () => {
  test("a start time is counted once", () => {
    const first = worldOf([pod("a", "p1")], 1);
    const memory = memoryOf(first);
    expect(memory).toMatchObject({ startSeconds: [100], counted: { "ns/p1": NOW - 3_500_000 } });
    const again = { ...first, memory: { ...learned(), variants: { "ns/a": memory } } };
    expect(memoryOf(again).startSeconds).toEqual([100]);
  });

  test("a start with crashes in it is no start time; a gone pod is forgotten", () => {
    const crashed = worldOf([pod("a", "p1", { restarts: 2 })], 1, { memory: learned({ counted: { "ns/old": 1 } }) });
    expect(memoryOf(crashed)).toMatchObject({ startSeconds: [], counted: { "ns/p1": NOW - 3_500_000 } });
    expect(memoryOf(crashed).counted).not.toHaveProperty("ns/old");
  });

  test("at most 50 start times, the newest", () => {
    const many = learned({ startSeconds: Array.from({ length: 50 }, (_, i) => i) });
    const { startSeconds } = memoryOf(worldOf([pod("a", "p1")], 1, { memory: many }));
    expect(startSeconds).toHaveLength(50);
    expect(startSeconds.at(-1)).toBe(100);
  });

  test("a replica that stops being ready has its own time to come back", () => {
    const unready = starting("a", "p1", 3_600_000);
    const first = worldOf([unready], 1, { memory: learned({ counted: { "ns/p1": 5 } }) });
    expect(stateOf(first)).toMatchObject({ starting: 1, failing: 0, current: 1 });
    expect(memoryOf(first).unready).toEqual({ "ns/p1": NOW });
    const late = learned({ counted: { "ns/p1": 5 }, unready: { "ns/p1": NOW - 200_000 } });
    const state = stateOf(worldOf([unready], 1, { memory: late }));
    expect(state.replicas[0]).toMatchObject({ phase: "failing", reason: "NotReadyTooLong" });
    const lost = { known: true, nodes: [node("n1", { ready: false })] };
    const onLostNode = stateOf(worldOf([unready], 1, { memory: late, inventory: lost }));
    expect(onLostNode.replicas[0]?.reason).toBe("NodeNotReady");
  });
});

test("more than asked for, and terminating ones, leave by themselves; the best stay", () => {
  const pods = [
    starting("a", "p1", 1_000),
    pod("a", "p2", { deletionCost: 5 }),
    pod("a", "p3"),
    pod("a", "p4", { terminating: true }),
  ];
  const state = stateOf(worldOf(pods, 2));
  expect(state.replicas.map(({ name }) => name)).toEqual(["ns/p2", "ns/p3"]);
  expect(state.leaving.map(({ name }) => name)).toEqual(["ns/p1"]);
});

test("a target that two variants name belongs to the first by key", () => {
  const w = world({
    pods: [pod("a", "p1")],
    targets: [target("a", { specReplicas: 1 })],
    variants: [variant("z", { target: "ns/Deployment/a" }), variant("a")],
  });
  expect([stateOf(w, "ns/a").ready, stateOf(w, "ns/z").ready]).toEqual([1, 0]);
});

test("of a group whose members fail for different reasons, the order of the pods does not choose", () => {
  const members = [
    pod("chat", "g-0", { group: "g", ready: false, failing: "CrashLoopBackOff" }),
    pod("chat", "g-1", { group: "g", ready: false, failing: "ImagePullBackOff" }),
  ];
  const reasonOf = (pods: typeof members) => {
    const targets = [target("chat", { specReplicas: 1, nodesPerReplica: 2 })];
    const { states } = observeReplicas(world({ targets, variants: [variant("chat")], pods }));
    return states.get("ns/chat")?.replicas[0]?.reason;
  };
  expect(reasonOf(members)).toBe("CrashLoopBackOff");
  expect(reasonOf([...members].reverse())).toBe("CrashLoopBackOff");
});
