import { describe, expect, test } from "vitest";
import { fittingNow } from "../../src/plan/pools-fit.ts";
import { selects } from "../../src/plan/pools-nodes.ts";
import type { SnapshotNodeRow, SnapshotTaint, SnapshotVariant } from "../../src/snapshot/types.ts";
import type { NodeExpression } from "../../src/snapshot/world/types.ts";
import { target } from "../guard/world.ts";

describe("which nodes a pod template selects", () => {
  const labels = { zone: "east", cores: "64" };
  const by = (key: string, operator: NodeExpression["operator"], ...values: string[]) =>
    selects(target("a", { nodeAffinity: [{ expressions: [{ key, operator, values }] }] }), labels);

  test.each<[NodeExpression["operator"], string, string[], boolean]>([
    ["In", "zone", ["west", "east"], true],
    ["In", "zone", ["west"], false],
    ["In", "rack", ["r1"], false],
    ["NotIn", "zone", ["east"], false],
    ["NotIn", "rack", ["r1"], true],
    ["Exists", "zone", [], true],
    ["Exists", "rack", [], false],
    ["DoesNotExist", "rack", [], true],
    ["Gt", "cores", ["32"], true],
    ["Gt", "cores", ["64"], false],
    ["Lt", "cores", ["65"], true],
    ["Lt", "rack", ["65"], false],
  ])("%s %s %j: %s", (operator, key, values, expected) => {
    expect(by(key, operator, ...values)).toBe(expected);
  });

  test("one of the terms is enough, all expressions of it hold, the selector always", () => {
    const term = (...values: string[]) => ({ expressions: [{ key: "zone", operator: "In" as const, values }] });
    const both = target("a", { nodeAffinity: [term("west"), term("east")] });
    expect(selects(both, labels)).toBe(true);
    expect(selects({ ...both, nodeSelector: { zone: "west" } }, labels)).toBe(false);
    expect(selects(target("a", { nodeAffinity: [{ expressions: [] }] }), labels)).toBe(false);
    const impossible = { expressions: [...term("east").expressions, ...term("west").expressions] };
    expect(selects(target("a", { nodeAffinity: [impossible] }), labels)).toBe(false);
  });
});

describe("what fits beside all that runs", () => {
  const variant = (name: string, changes: Partial<SnapshotVariant> = {}): SnapshotVariant => ({
    name,
    pool: "p",
    role: "both",
    devicesPerReplica: 4,
    nodesPerReplica: 1,
    startCost: 0,
    currentReplicas: 0,
    minReplicas: 0,
    tolerations: [],
    movable: false,
    ...changes,
  });
  const row = (changes: Partial<SnapshotNodeRow> = {}): SnapshotNodeRow => ({
    freeDevices: 8,
    count: 1,
    taints: [],
    holds: {},
    ...changes,
  });
  const TAINT: SnapshotTaint = { key: "k", value: "", effect: "NoSchedule" };
  const fitting = (
    nodes: SnapshotNodeRow[],
    running: SnapshotVariant[],
    wish: SnapshotVariant,
    stopping: [SnapshotVariant, number][] = [],
  ) =>
    fittingNow(
      { name: "p", nodes },
      running,
      [{ variant: wish, count: 9 }],
      stopping.map(([v, count]) => ({ variant: v, count })),
    )[0];

  test("held and awaited replicas keep their room", () => {
    const running = variant("a", { currentReplicas: 2 });
    expect(fitting([row({ holds: { a: 1 } }), row()], [running], variant("b"))).toBe(2);
  });

  test("a group takes a device of as many nodes as it has members", () => {
    expect(fitting([row({ count: 3 })], [], variant("g", { nodesPerReplica: 2 }))).toBe(3);
    expect(fitting([row()], [], variant("g", { nodesPerReplica: 2 }))).toBe(0);
  });

  test("taints are heeded", () => {
    expect(fitting([row({ taints: [TAINT] }), row()], [], variant("b"))).toBe(2);
  });

  test("the place of one that stops, where the new one is no larger and may go there", () => {
    const a = variant("a", { currentReplicas: 2 });
    const full = [row({ holds: { a: 2 } })];
    expect(fitting(full, [a], variant("b"), [[a, 1]])).toBe(1);
    expect(fitting(full, [a], variant("b", { devicesPerReplica: 8 }), [[a, 1]])).toBe(0);
    expect(fitting([row({ holds: { a: 2 }, taints: [TAINT] })], [a], variant("b"), [[a, 1]])).toBe(0);
  });

  test("one that stops before it has a node leaves no place", () => {
    const a = variant("a", { currentReplicas: 2 });
    expect(fitting([row({ freeDevices: 4, holds: { a: 1 } })], [a], variant("b"), [[a, 1]])).toBe(0);
  });

  test("a bag of devices", () => {
    const wishes = [{ variant: variant("b"), count: 9 }];
    expect(fittingNow({ name: "p", devices: 21 }, [variant("a", { currentReplicas: 2 })], wishes, [])).toEqual([3]);
  });
});
