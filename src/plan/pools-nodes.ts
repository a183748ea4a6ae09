import type {
  NodeExpression,
  PoolPolicy,
  World,
  WorldNode,
  WorldOverride,
  WorldTarget,
} from "../snapshot/world/types.ts";

/** The overrides that are in force, oldest first; ties by id. */
export function overridesInForce(world: World): WorldOverride[] {
  const { takenAtMs } = world;
  return world.overrides
    .filter(({ expiresAtMs }) => expiresAtMs === undefined || takenAtMs < expiresAtMs)
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
}

/** Nodes of every pool of the policy, in order of name; a node with two resources is in a pool of each, never in two of one. */
export function poolNodes(world: World): Map<string, WorldNode[]> {
  const nodes = [...world.inventory.nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const taken = new Set<string>();
  const pools = new Map<string, WorldNode[]>();
  for (const pool of world.policy.pools) {
    const own = nodes.filter((node) => !taken.has(`${pool.resource} ${node.name}`) && isInPool(node, pool));
    for (const node of own) taken.add(`${pool.resource} ${node.name}`);
    pools.set(pool.name, own);
  }
  return pools;
}

function isInPool(node: WorldNode, pool: PoolPolicy): boolean {
  if (!((node.devices[pool.resource] ?? 0) > 0)) return false;
  return Object.entries(pool.nodeLabels).every(([key, value]) => labelOf(node.labels, key) === value);
}

function labelOf(labels: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Whether the pod template's node selector and required affinity accept a node of these labels. */
export function selects(target: WorldTarget, labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(target.nodeSelector)) if (labelOf(labels, key) !== value) return false;
  if (target.nodeAffinity.length === 0) return true;
  // As in Kubernetes: a term without expressions matches nothing.
  return target.nodeAffinity.some(
    (term) => term.expressions.length > 0 && term.expressions.every((expression) => holds(expression, labels)),
  );
}

function holds({ key, operator, values }: NodeExpression, labels: Record<string, string>): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default: {
      const [have, bound] = [Number(value ?? Number.NaN), Number(values[0] ?? Number.NaN)];
      return operator === "Gt" ? have > bound : have < bound;
    }
  }
}

/** Nodes and pools that an override drains. */
export function drained(world: World): { nodes: Set<string>; pools: Set<string> } {
  const drains = overridesInForce(world).filter(({ action }) => action.type === "drain");
  const named = (kind: "node" | "pool") => drains.filter((o) => o.subject.kind === kind).map((o) => o.subject.name);
  return { nodes: new Set(named("node")), pools: new Set(named("pool")) };
}
