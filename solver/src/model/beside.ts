import type { Beside, PoolShape, VariantModel } from "./types.ts";

/** Of a pool whose sizes form a chain and that has no groups. `everyone`: node rows that every variant can use. */
export function besideHeld(
  { nodes }: PoolShape,
  all: readonly VariantModel[],
  sizes: number[],
  everyone: readonly number[],
): Beside {
  const held = new Map<number, number>();
  const left = nodes.map((node) => {
    let free = node.freeDevices;
    for (const [v, replicas] of node.holds) {
      free -= replicas * all[v]!.size;
      held.set(v, (held.get(v) ?? 0) + replicas * node.count);
    }
    return Math.max(0, free);
  });
  const slots = sizes.map((size) =>
    everyone.reduce((sum, k) => sum + nodes[k]!.count * Math.floor(left[k]! / size), 0),
  );
  return { sizes, slots, held };
}

/**
 * True where the counts surely fit: what is held stays or stops where it is, and what comes on top fits beside all of it, also
 * beside what stops. By the same argument as pool rows (model, hard constraint 1), without a packing. False proves nothing.
 */
export function fitsBeside(
  { pools, variants }: { pools: readonly PoolShape[]; variants: readonly VariantModel[] },
  p: number,
  x: ArrayLike<number>,
): boolean {
  const { beside, variants: own } = pools[p]!;
  if (beside === undefined) return false;
  const { sizes, slots, held } = beside;
  const used = new Float64Array(sizes.length);
  for (const v of own) {
    const more = Math.round(x[v]!) - (held.get(v) ?? 0);
    if (more <= 0) continue;
    const { size } = variants[v]!;
    for (let s = 0; s < sizes.length && sizes[s]! <= size; s++) used[s] = used[s]! + more * (size / sizes[s]!);
  }
  return slots.every((free, s) => used[s]! <= free);
}
