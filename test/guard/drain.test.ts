import { expect, test } from "vitest";
import { replicasToMove } from "../../src/guard/drain.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { override, pod, worldOf } from "./world.ts";

test("replicas on a drained node are to move, others are not", () => {
  const overrides = [override("o", { type: "drain" }, { kind: "node", name: "n1" })];
  const { world, states } = observedWorld(worldOf([pod("a", "p1"), pod("a", "p2", { node: "n2" })], 2, { overrides }));
  expect([...replicasToMove(world, states)].map(([variant, own]) => [variant, own.map(({ name }) => name)])).toEqual([
    ["ns/a", ["ns/p1"]],
  ]);
});
