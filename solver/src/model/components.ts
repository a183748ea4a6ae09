import type { Instance } from "./instance.ts";

/** Workloads that no row joins to others. */
export interface Component {
  /** Workload indexes, rising. */
  workloads: number[];
  /** Number of their variants. */
  variants: number;
}

const known = new WeakMap<Instance, Component[]>();

/**
 * The independent parts of a problem, in the order of their first workload: workloads are joined by every row that all of their useful
 * replicas together could exceed, and by every pool that needs a packing. No placement of one part takes anything from another.
 */
export function componentsOf(instance: Instance): Component[] {
  let components = known.get(instance);
  if (!components) {
    components = findComponents(instance);
    known.set(instance, components);
  }
  return components;
}

function findComponents(instance: Instance): Component[] {
  const { variants, workloads } = instance;
  const parent = Int32Array.from(workloads, (_, m) => m);
  const root = (m: number): number => {
    let at = m;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const join = (users: readonly number[]) => {
    for (const v of users) {
      const [a, b] = [root(variants[users[0]!]!.workload), root(variants[v]!.workload)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  };
  for (const row of instance.rows) {
    const most = row.variants.reduce((sum, v, i) => sum + row.coefficients[i]! * variants[v]!.useful, 0);
    if (most > row.capacity) join(row.variants);
  }
  for (const pool of instance.pools) if (!pool.rowsAreExact) join(pool.variants);
  const found = new Map<number, Component>();
  for (let m = 0; m < workloads.length; m++) {
    const component = found.get(root(m)) ?? { workloads: [], variants: 0 };
    component.workloads.push(m);
    component.variants += workloads[m]!.variants.length;
    found.set(root(m), component);
  }
  return [...found.values()];
}
