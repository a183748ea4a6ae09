import { describe, expect, it } from "vitest";
import type { NodeRow, PlacementProblem, Variant } from "../../src/problem/types.ts";
import { readWorld } from "../../src/verify/world.ts";
import type { Replicas } from "../oracle/attainments.ts";
import { searchPacking } from "../oracle/packing-search.ts";
import { Random } from "../oracle/random.ts";
import { problemOf, variant, workload } from "./support.ts";

interface Shape {
  sizes: number[];
  frees: number[];
  groups?: boolean;
  taints?: boolean;
  /** Sizes of which replicas may be held. */
  held?: number[];
}

/** One tiny pool, a variant of each of some sizes, and counts near what fits. */
function tinyPool(random: Random, shape: Shape): { problem: PlacementProblem; variants: Variant[]; x: Replicas } {
  const nodes: NodeRow[] = Array.from({ length: random.whole(1, 3) }, () => ({
    freeDevices: random.pick(shape.frees),
    count: random.whole(1, 2),
    taints: shape.taints && random.chance(0.5) ? [{ key: "k", value: "v", effect: "NoExecute" as const }] : [],
    holds: {},
  }));
  const variants = Array.from({ length: random.whole(1, 3) }, (_, i) =>
    variant(`v${i}`, {
      devicesPerReplica: random.pick(shape.sizes),
      nodesPerReplica: shape.groups && random.chance(0.5) ? 2 : 1,
      tolerations: random.chance(0.5) ? [{ key: "k", operator: "Equal", value: "v" }] : [],
    }),
  );
  for (const v of variants)
    if (shape.held?.includes(v.devicesPerReplica)) {
      const node = random.pick(nodes);
      if (node.freeDevices >= v.devicesPerReplica && Object.keys(node.holds).length === 0) node.holds[v.name] = 1;
    }
  const problem = problemOf({ pools: [{ name: "pool-a", nodes }], workloads: [workload("w", variants)] });
  return { problem, variants, x: Object.fromEntries(variants.map((v) => [v.name, random.whole(0, 4)])) };
}

/** What the checker's rows say of the counts, and whether it takes them for the whole truth. */
function byRows(problem: PlacementProblem, x: Replicas): { hold: boolean; exact: boolean } {
  const world = readWorld(problem);
  const used = new Map<number, number>();
  world.variants.uses.forEach((uses, i) => {
    for (const { row, amount } of uses) used.set(row, (used.get(row) ?? 0) + amount * x[world.variants.name(i)]!);
  });
  return { hold: world.rows.every((row, r) => (used.get(r) ?? 0) <= row.capacity), exact: world.pools[0]!.exact };
}

function compare(seed: number, cases: number, shape: Shape): Record<"fits" | "tooMuch" | "rowsOnly" | "exact", number> {
  const random = new Random(seed);
  const seen = { fits: 0, tooMuch: 0, rowsOnly: 0, exact: 0 };
  for (let i = 0; i < cases; i++) {
    const { problem, variants, x } = tinyPool(random, shape);
    const { hold, exact } = byRows(problem, x);
    const packed = searchPacking(problem.pools[0]!, variants, x) !== undefined;
    const told = JSON.stringify({ nodes: problem.pools[0]!.nodes, x, variants });
    if (packed) expect(hold, `a packing exists: ${told}`).toBe(true);
    if (exact) expect(packed, `the rows are said to be exact: ${told}`).toBe(hold);
    if (exact) seen.exact++;
    if (packed) seen.fits++;
    else if (hold) seen.rowsOnly++;
    else seen.tooMuch++;
  }
  return seen;
}

describe("size rows against a real packing search", () => {
  it.each([
    { sizes: [1, 2, 4, 8], frees: [1, 2, 3, 4, 6, 7, 8, 12] },
    { sizes: [3, 6], frees: [2, 3, 5, 6, 8, 9, 11, 12] },
    { sizes: [2, 10], frees: [3, 9, 10, 13, 14] },
  ])("are the same for the chain $sizes", (shape) => {
    const seen = compare(shape.sizes[0]! * 101, 3000, shape);
    expect(seen).toMatchObject({ rowsOnly: 0, exact: 3000 });
    expect(Math.min(seen.fits, seen.tooMuch)).toBeGreaterThan(500);
  });

  it("are the same where only replicas of the largest size are held", () => {
    const seen = compare(5, 3000, { sizes: [1, 2, 4], frees: [4, 5, 6, 8], held: [4] });
    expect(seen.exact).toBeGreaterThan(2000);
  });

  it.each([
    { title: "sizes that form no chain", shape: { sizes: [2, 3], frees: [4, 5, 7, 8] } },
    { title: "groups", shape: { sizes: [1, 2], frees: [1, 2, 3, 4], groups: true } },
    { title: "taints", shape: { sizes: [1, 2], frees: [1, 2, 4], taints: true } },
    { title: "small held replicas", shape: { sizes: [1, 2, 4], frees: [4, 6, 8], held: [1, 2] } },
  ])("are necessary, not enough and not said to be, for $title", ({ shape }) => {
    const seen = compare(11, 2000, shape);
    expect(seen.rowsOnly).toBeGreaterThan(0);
    expect(seen.fits).toBeGreaterThan(200);
    expect(seen.exact).toBeLessThan(2000);
  });
});
