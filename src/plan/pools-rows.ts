import type { ReplicaState, ReplicaStates } from "../model/replicas/types.ts";
import type { SnapshotNodeRow, SnapshotTaint, SnapshotToleration } from "../snapshot/types.ts";
import type { World, WorldNode, WorldPod } from "../snapshot/world/types.ts";
import type { PlannableVariant } from "./plannable-variant.ts";
import { drained, selects } from "./pools-nodes.ts";
import type { ResolvedWorld } from "./world-to-snapshot-resolve.ts";

/** Taint of nodes that only some variants of the pool select; the value numbers the set of variants that do. */
const SELECTED_KEY = "apportion.dev/selected-by";
/** Taint of devices that a replica holds where no new one of its variant may go; the value numbers the variant. */
const HELD_KEY = "apportion.dev/held-by";

export interface PoolRows {
  rows: SnapshotNodeRow[];
  /** Synthetic tolerations by variant, in addition to those of its pods. */
  tolerations: Map<string, SnapshotToleration[]>;
}

/**
 * Node rows of one pool.
 * - A node offers what it allocates, less what pods hold that are not counted replicas of plannable variants of the pool.
 *   Replicas on their way out (terminating, more than asked for, failing) are free: they go as soon as they are told to, or
 *   were. Foreign pods hold theirs until they are gone.
 * - Where a variant's node selector or affinity accepts only some nodes of the pool, nodes carry a synthetic taint that names
 *   the set of variants which accept them; those tolerate it. Real taints stay, with real tolerations.
 * - Cordoned and not-ready nodes offer nothing. What runs there (or on a node that its variant would not be given now) stays
 *   counted: it becomes a row of its own of just the devices held, with a synthetic taint that its variant alone tolerates.
 * - Drained nodes are not there: what runs on them is placed anew.
 */
export function poolRows(world: World, states: ReplicaStates, resolved: ResolvedWorld, pool: string): PoolRows {
  const members = [...resolved.plannable.values()].filter((member) => member.pool === pool);
  const resource = world.policy.pools.find(({ name }) => name === pool)?.resource ?? "";
  const gone = drained(world);
  const nodes = gone.pools.has(pool)
    ? []
    : (resolved.nodes.get(pool) ?? []).filter(({ name }) => !gone.nodes.has(name));
  const held = heldByNode(members, states);
  const taken = takenByNode(world, states, members, resource);
  const selectedBy = new SelectedBy(members);
  const rows = new Map<string, SnapshotNodeRow>();
  const tolerations = new Map<string, SnapshotToleration[]>();
  const add = (row: SnapshotNodeRow) => {
    const key = JSON.stringify([row.freeDevices, row.taints, row.holds]);
    const known = rows.get(key);
    if (known === undefined) rows.set(key, row);
    else known.count += row.count;
  };
  for (const node of nodes) {
    const stays: Record<string, number> = {};
    let [stuckDevices, heldDevices] = [0, 0];
    for (const [index, member] of members.entries()) {
      const count = held.get(node.name)?.get(member.variant.key) ?? 0;
      if (count === 0) continue;
      const devices = count * member.target.devicesPerReplica;
      if (accepts(member, node)) {
        stays[member.variant.key] = count;
        heldDevices += devices;
        continue;
      }
      stuckDevices += devices;
      const value = String(index);
      add({
        freeDevices: devices,
        count: 1,
        taints: [{ key: HELD_KEY, value, effect: "NoSchedule" }],
        holds: { [member.variant.key]: count },
      });
      addToleration(tolerations, member.variant.key, { key: HELD_KEY, operator: "Equal", value, effect: "NoSchedule" });
    }
    if (!isOpen(node)) continue;
    const free = (node.devices[resource] ?? 0) - (taken.get(node.name) ?? 0) - stuckDevices;
    add({
      // Never less than what is held: a node that lost devices still runs what it runs.
      freeDevices: Math.max(free, heldDevices, 0),
      count: 1,
      taints: [...realTaints(node), ...selectedBy.taints(node, tolerations)],
      holds: stays,
    });
  }
  return { rows: [...rows.values()].sort(byContent), tolerations };
}

function isOpen(node: WorldNode): boolean {
  return node.ready && !node.cordoned;
}

/** `PreferNoSchedule` excludes nobody. */
function realTaints(node: WorldNode): SnapshotTaint[] {
  return node.taints
    .filter((taint) => taint.effect !== "PreferNoSchedule")
    .map(({ key, value, effect }) => ({ key, value, effect }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Whether a new replica of the variant may go there. */
export function accepts({ target }: PlannableVariant, node: WorldNode): boolean {
  if (!isOpen(node) || !selects(target, node.labels)) return false;
  return realTaints(node).every((taint) => target.tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** As Kubernetes matches a toleration against a taint. */
export function tolerates(toleration: SnapshotToleration, taint: SnapshotTaint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if (toleration.key === "") return toleration.operator === "Exists";
  if (toleration.key !== taint.key) return false;
  return toleration.operator === "Exists" || toleration.value === taint.value;
}

/** Counted members of each variant on each node. */
function heldByNode(members: readonly PlannableVariant[], states: ReplicaStates): Map<string, Map<string, number>> {
  const held = new Map<string, Map<string, number>>();
  for (const { variant } of members) {
    for (const replica of (states.get(variant.key)?.replicas ?? []).filter(isCounted)) {
      for (const node of replica.nodes) {
        const here = held.get(node) ?? new Map<string, number>();
        here.set(variant.key, (here.get(variant.key) ?? 0) + 1);
        held.set(node, here);
      }
    }
  }
  return held;
}

function isCounted(replica: ReplicaState): boolean {
  return replica.phase !== "failing" && !replica.overdue;
}

/** Devices of `resource` on each node that no plan of the pool may use. */
function takenByNode(
  world: World,
  states: ReplicaStates,
  members: readonly PlannableVariant[],
  resource: string,
): Map<string, number> {
  const memberOf = new Map(members.map((member) => [member.target.key, member]));
  const counted = new Set<string>();
  for (const { variant } of members) {
    for (const replica of (states.get(variant.key)?.replicas ?? []).filter(isCounted)) {
      for (const pod of replica.pods) counted.add(pod);
    }
  }
  const taken = new Map<string, number>();
  for (const pod of world.pods) {
    const devices = pod.devices[resource] ?? 0;
    if (pod.node === undefined || devices === 0) continue;
    const rest = takenBy(pod, devices, memberOf, counted);
    if (rest > 0) taken.set(pod.node, (taken.get(pod.node) ?? 0) + rest);
  }
  return taken;
}

function takenBy(
  pod: WorldPod,
  devices: number,
  memberOf: ReadonlyMap<string, PlannableVariant>,
  counted: ReadonlySet<string>,
): number {
  const member = pod.target === undefined ? undefined : memberOf.get(pod.target);
  if (member === undefined) return devices;
  if (!counted.has(`${pod.namespace}/${pod.name}`)) return 0;
  // A pod of an earlier template may hold more than a replica asks for now.
  return Math.max(0, devices - member.target.devicesPerReplica);
}

function addToleration(
  tolerations: Map<string, SnapshotToleration[]>,
  variant: string,
  toleration: SnapshotToleration,
): void {
  const own = tolerations.get(variant) ?? [];
  if (!own.some((known) => known.key === toleration.key && known.value === toleration.value)) own.push(toleration);
  tolerations.set(variant, own);
}

/** Numbers the sets of variants that select a node, where that is not all of them. */
class SelectedBy {
  private readonly members: readonly PlannableVariant[];
  private readonly numbers = new Map<string, number>();

  constructor(members: readonly PlannableVariant[]) {
    this.members = members;
  }

  taints(node: WorldNode, tolerations: Map<string, SnapshotToleration[]>): SnapshotTaint[] {
    const selecting = this.members.filter(({ target }) => selects(target, node.labels));
    if (selecting.length === this.members.length) return [];
    const set = selecting.map(({ variant }) => variant.key).join("\n");
    const number = this.numbers.get(set) ?? this.numbers.size;
    this.numbers.set(set, number);
    const value = String(number);
    for (const { variant } of selecting) {
      addToleration(tolerations, variant.key, { key: SELECTED_KEY, operator: "Equal", value, effect: "NoSchedule" });
    }
    return [{ key: SELECTED_KEY, value, effect: "NoSchedule" }];
  }
}

/** Roomy nodes first, then those that hold least. */
function byContent(a: SnapshotNodeRow, b: SnapshotNodeRow): number {
  const [textA, textB] = [JSON.stringify([a.taints, a.holds]), JSON.stringify([b.taints, b.holds])];
  const kinds = ({ holds }: SnapshotNodeRow) => Object.keys(holds).length;
  return b.freeDevices - a.freeDevices || kinds(a) - kinds(b) || (textA < textB ? -1 : textA > textB ? 1 : 0);
}
