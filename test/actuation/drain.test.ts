import { expect, test } from "vitest";
import { DRAINED_LABEL, drainSteps } from "../../src/actuation/drain.ts";
import { podCosts } from "../../src/actuation/pod-costs.ts";
import type { Change, Drain } from "../../src/actuation/types.ts";
import { replicasToMove } from "../../src/guard/drain.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import type { World, WorldPod } from "../../src/snapshot/world/types.ts";
import { node, override, pod, starting, worldOf } from "../guard/world.ts";

const DRAIN = override("o", { type: "drain" }, { kind: "node", name: "n1" });
const CORDONED = node("n1", { cordoned: true, labels: { gpu: "h100", [DRAINED_LABEL]: "true" } });

function fleet(pods: WorldPod[], nodes = [CORDONED, node("n2")], changes: Partial<World> = {}): World {
  return worldOf(pods, 2, { overrides: [DRAIN], inventory: { known: true, nodes }, ...changes });
}

function drainOf(taken: World, changes: Change[] = []): Drain {
  const { world, states, resolved } = observedWorld(taken);
  return drainSteps(world, states, resolved, replicasToMove(world, states), changes);
}

const evicted = (taken: World, changes?: Change[]) =>
  drainOf(taken, changes).evict.flatMap(({ pods }) => pods.map(({ pod: name }) => name));

const two = [pod("a", "p1"), pod("a", "p2")];

test("a drained node is cordoned before anything leaves it", () => {
  expect(drainOf(fleet(two, [node("n1"), node("n2")]))).toEqual({ cordon: ["n1"], uncordon: [], evict: [] });
});

test("replicas leave one by one, the next when what replaced the one before is ready", () => {
  expect(evicted(fleet(two))).toEqual(["p1"]);
  expect(evicted(fleet([pod("a", "p2"), starting("a", "p3", 1000, { node: "n2" })]))).toEqual([]);
  expect(evicted(fleet([pod("a", "p2"), pod("a", "p3", { node: "n2" })]))).toEqual(["p2"]);
  expect(evicted(fleet([pod("a", "p3", { node: "n2" }), pod("a", "p4", { node: "n2" })]))).toEqual([]);
});

test("one that does not serve goes first", () => {
  expect(evicted(fleet([pod("a", "p1"), starting("a", "p2", 1000)]))).toEqual(["p2"]);
});

test("it waits for room, while there may be some", () => {
  const full = pod(undefined, "training", { node: "n2", devices: { "nvidia.com/gpu": 8 } });
  expect(evicted(fleet([...two, { ...full, terminating: true }]))).toEqual([]);
  expect(evicted(fleet([...two, full]))).toEqual(["p1"]);
  expect(evicted(fleet([...two, full]), [{ variant: "ns/b", from: 1, to: 0 }])).toEqual([]);
});

test("where its own count changes, that comes first, and takes what is on the drained node", () => {
  const change = { variant: "ns/a", from: 2, to: 1 };
  const taken = fleet([pod("a", "p1"), pod("a", "p2", { node: "n2" })]);
  expect(evicted(taken, [change])).toEqual([]);
  const { world, states } = observedWorld(taken);
  expect(podCosts(world, states, change)).toEqual([{ namespace: "ns", pod: "p1", cost: -2 }]);
});

test("when the drain is over, the node is opened again, and no node that a person cordoned", () => {
  const nodes = [CORDONED, node("n2", { cordoned: true })];
  expect(drainOf(fleet(two, nodes, { overrides: [] }))).toEqual({ cordon: [], uncordon: ["n1"], evict: [] });
});
