import { describe, expect, it } from "vitest";
import { orderChanges } from "../../src/actuation/order.ts";
import type { Change } from "../../src/actuation/types.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import type { World } from "../../src/snapshot/world/types.ts";
import { demand, gold, node, pod, target, variant, world } from "../guard/world.ts";

function order(taken: World, changes: Change[]): ReturnType<typeof orderChanges> {
  const { world: seen, states, resolved } = observedWorld(taken);
  return orderChanges(seen, states, resolved, changes);
}

function stepsOf(result: ReturnType<typeof orderChanges>): string[] {
  return result.steps.map((step) =>
    step.changes.map(({ variant: name, from, to }) => `${name} ${from}→${to}`).join(", "),
  );
}

/** Two variants of one workload; `old` has one ready replica of four devices on n1. */
function moving(nodes: number, changes: Partial<World> = {}): World {
  return world({
    inventory: {
      known: true,
      nodes: Array.from({ length: nodes }, (_, i) => node(`n${i + 1}`, { devices: { "nvidia.com/gpu": 4 } })),
    },
    targets: [target("old", { specReplicas: 1 }), target("new", { specReplicas: 0 })],
    variants: [variant("old", { workload: "ns/m" }), variant("new", { workload: "ns/m" })],
    classes: [gold()],
    demands: [demand("m", 1)],
    pods: [pod("old", "old-1")],
    ...changes,
  });
}

describe("a workload that moves from one variant to another", () => {
  const changes = [
    { variant: "ns/old", from: 1, to: 0 },
    { variant: "ns/new", from: 0, to: 1 },
  ];

  it("makes before it breaks where both fit: the stop waits for the start to be ready", () => {
    const result = order(moving(2), changes);
    expect(stepsOf(result)).toEqual(["ns/new 0→1"]);
    expect(result.deferred.map(({ change, note }) => [change.variant, note.code])).toEqual([
      ["ns/old", "WaitsForStarts"],
    ]);
  });

  it("frees first where they do not fit beside each other", () => {
    const result = order(moving(1), changes);
    expect(stepsOf(result)).toEqual(["ns/old 1→0", "ns/new 0→1"]);
    expect(result.deferred).toEqual([]);
  });

  it("stops at once when what replaces it is ready", () => {
    const both = moving(2, {
      targets: [target("old", { specReplicas: 1 }), target("new", { specReplicas: 1 })],
      pods: [pod("old", "old-1"), pod("new", "new-1", { node: "n2" })],
    });
    expect(stepsOf(order(both, [{ variant: "ns/old", from: 1, to: 0 }]))).toEqual(["ns/old 1→0"]);
  });
});

it("a pod on its way out still holds its devices: what starts there comes after the stops", () => {
  const taken = moving(1, { demands: [demand("m", 0)], pods: [pod("old", "old-1", { terminating: true })] });
  const result = order(taken, [{ variant: "ns/new", from: 0, to: 1 }]);
  expect(result.steps.map((step) => step.title)).toEqual(["start what the stops made room for"]);
});

it("stops of spare replicas do not wait", () => {
  const taken = moving(2, {
    targets: [target("old", { specReplicas: 2 }), target("new")],
    pods: [pod("old", "old-1"), pod("old", "old-2", { node: "n2" })],
  });
  expect(stepsOf(order(taken, [{ variant: "ns/old", from: 2, to: 1 }]))).toEqual(["ns/old 2→1"]);
});

describe("the pods that go", () => {
  const costs = (pods: World["pods"]) => {
    const taken = moving(3, {
      inventory: { known: true, nodes: [node("n1"), node("n2"), node("n3")] },
      targets: [target("old", { specReplicas: 3 }), target("new")],
      demands: [demand("m", 2)],
      pods,
    });
    const [step] = order(taken, [{ variant: "ns/old", from: 3, to: 2 }]).steps;
    return step?.changes[0]?.deletionCosts;
  };

  it("are those whose going frees a whole node", () => {
    const pods = [pod("old", "a"), pod("old", "b"), pod("old", "c", { node: "n2" })];
    expect(costs(pods)).toEqual([{ namespace: "ns", pod: "c", cost: -3 }]);
  });

  it("are those that do not serve before any that does", () => {
    const pods = [pod("old", "a"), pod("old", "b", { node: "n2" }), pod("old", "c", { node: "n1", ready: false })];
    expect(costs(pods)?.[0]?.pod).toBe("c");
  });

  it("give up an earlier cost that no longer holds", () => {
    const pods = [pod("old", "a", { deletionCost: -3 }), pod("old", "b"), pod("old", "c", { node: "n2" })];
    expect(costs(pods)).toEqual([
      { namespace: "ns", pod: "c", cost: -3 },
      { namespace: "ns", pod: "a", cost: 0 },
    ]);
  });
});
