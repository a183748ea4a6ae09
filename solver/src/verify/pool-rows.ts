import type { Shape } from "./shapes.ts";
import type { PoolFacts, World } from "./world-types.ts";

function isChain(rising: number[]): boolean {
  return rising.every((s, i) => i === 0 || s % rising[i - 1]! === 0);
}

/** A held replica that cannot move, of a smaller size than another one in use, can break up a node. */
function heldFragments(world: World, pool: PoolFacts, largest: number): boolean {
  return (pool.nodes ?? []).some((n) =>
    Object.entries(n.holds).some(([name, held]) => {
      const v = world.variantNamed(name);
      return held > 0 && v !== undefined && !world.variants.given[v]!.movable && world.variants.devices[v]! < largest;
    }),
  );
}

function addRow(
  world: World,
  pool: PoolFacts,
  suffix: string,
  size: number,
  capacity: number,
  shapes: Shape[],
  all: boolean,
) {
  const row = world.rows.length;
  let used = false;
  for (const s of shapes) {
    const amount = (size === 0 ? s.devices : Math.floor(s.devices / size)) * s.members;
    if (amount <= 0) continue;
    s.uses.push({ row, amount });
    used = true;
  }
  if (!used) return;
  const key = `pool/${pool.name}/size/${size}${suffix}`;
  world.rows.push(all ? { key, capacity, pool: pool.name, size } : { key, capacity, pool: pool.name });
}

/**
 * Rows of one pool, and whether they alone decide what fits (model, hard constraint 1).
 * For every size s in use (and 1, where the sizes form no divisibility chain): Σ floor(g/s)·members·x ≤ Σ count·floor(free/s) over
 * the nodes that some variant can use; the same over each smaller set of nodes E that is all that a variant can use, for the
 * variants that can use nothing outside E.
 */
export function poolRows(world: World, pool: PoolFacts, shapes: Shape[]): void {
  if (pool.variants.length === 0) return;
  const nodes = pool.nodes;
  if (!nodes) {
    addRow(world, pool, "", 0, pool.devices, shapes, true);
    return;
  }
  const sizes = [...new Set(shapes.map((s) => s.devices))].sort((a, b) => a - b);
  const chain = isChain(sizes);
  const usable = [...new Set(shapes.flatMap((s) => s.eligible))].sort((a, b) => a - b);
  const sets = new Map(shapes.map((s) => [s.eligible.join(","), s.eligible]));
  sets.delete(usable.join(","));
  const slots = (set: readonly number[], s: number) =>
    set.reduce((sum, k) => sum + nodes[k]!.count * Math.floor(nodes[k]!.freeDevices / s), 0);
  for (const s of chain || sizes[0] === 1 ? sizes : [1, ...sizes]) {
    addRow(world, pool, "", s, slots(usable, s), shapes, true);
    for (const [name, set] of sets) {
      const inside = new Set(set);
      const within = shapes.filter((shape) => shape.eligible.every((k) => inside.has(k)));
      addRow(world, pool, `/nodes/${name}`, s, slots(set, s), within, false);
    }
  }
  const groups = shapes.some((s) => s.members !== 1);
  pool.exact = chain && !groups && sets.size === 0 && !heldFragments(world, pool, sizes[sizes.length - 1]!);
}
