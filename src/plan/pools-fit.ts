import type { SnapshotNodeRow, SnapshotPool, SnapshotVariant } from "../snapshot/types.ts";
import { tolerates } from "./pools-rows.ts";

interface Node {
  row: SnapshotNodeRow;
  free: number;
}

/** A wish for `count` more replicas of a variant. */
export interface Wish {
  variant: SnapshotVariant;
  count: number;
}

/**
 * How many of the wished replicas fit beside all that runs or is on its way, apart from the `stopping` ones: wishes in the
 * given order, each replica on the fullest node that takes it (members of a group on the emptiest ones), else in the place
 * of one that stops (as large, and on nodes that take the new one, wherever it is). Never more than fits; now and then fewer
 * than a perfect packing.
 */
export function fittingNow(
  pool: SnapshotPool,
  running: readonly SnapshotVariant[],
  wishes: readonly Wish[],
  stopping: readonly Wish[],
): number[] {
  if (pool.nodes === undefined) return fittingInBag(pool.devices ?? 0, running, wishes);
  const rows = pool.nodes;
  const sizes = new Map(running.map((variant) => [variant.name, variant.devicesPerReplica]));
  const nodes = rows.flatMap((row) =>
    Array.from({ length: row.count }, () => ({ row, free: row.freeDevices - heldDevices(row, sizes) })),
  );
  const held = heldMembers(rows);
  // Groups of which some members run count as whole ones that do not: that takes more room, never less.
  const there = (variant: SnapshotVariant) => Math.floor((held.get(variant.name) ?? 0) / variant.nodesPerReplica);
  for (const variant of running) {
    for (let i = there(variant); i < variant.currentReplicas; i++) place(nodes, variant);
  }
  // Of replicas that stop, those without a node go first: their place is nowhere in particular.
  const slots = stopping.map(({ variant, count }) => ({
    variant,
    left: Math.max(0, count - Math.max(0, variant.currentReplicas - there(variant))),
  }));
  const takeSlot = (variant: SnapshotVariant) => {
    const slot = slots.find((candidate) => candidate.left > 0 && takesPlaceOf(variant, candidate.variant, rows));
    if (slot !== undefined) slot.left -= 1;
    return slot !== undefined;
  };
  return wishes.map(({ variant, count }) => {
    let placed = 0;
    while (placed < count && (place(nodes, variant) || takeSlot(variant))) placed++;
    return placed;
  });
}

function takesPlaceOf(next: SnapshotVariant, old: SnapshotVariant, rows: readonly SnapshotNodeRow[]): boolean {
  if (next.devicesPerReplica > old.devicesPerReplica || next.nodesPerReplica !== old.nodesPerReplica) return false;
  return rows.every((row) => (row.holds[old.name] ?? 0) === 0 || accepts(row, next));
}

function heldDevices(row: SnapshotNodeRow, sizes: ReadonlyMap<string, number>): number {
  return Object.entries(row.holds).reduce((sum, [name, members]) => sum + members * (sizes.get(name) ?? 0), 0);
}

function heldMembers(rows: readonly SnapshotNodeRow[]): Map<string, number> {
  const held = new Map<string, number>();
  for (const row of rows) {
    for (const [name, members] of Object.entries(row.holds)) {
      held.set(name, (held.get(name) ?? 0) + members * row.count);
    }
  }
  return held;
}

/** One more replica, each member on a node of its own; nothing changes where it does not fit. A group spreads, one alone packs. */
function place(nodes: readonly Node[], variant: SnapshotVariant): boolean {
  const order = variant.nodesPerReplica > 1 ? -1 : 1;
  const taking = nodes
    .filter(({ row, free }) => free >= variant.devicesPerReplica && accepts(row, variant))
    .sort((a, b) => order * (a.free - b.free))
    .slice(0, variant.nodesPerReplica);
  if (taking.length < variant.nodesPerReplica) return false;
  for (const node of taking) node.free -= variant.devicesPerReplica;
  return true;
}

function accepts(row: SnapshotNodeRow, variant: SnapshotVariant): boolean {
  return row.taints
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every((taint) => variant.tolerations.some((toleration) => tolerates(toleration, taint)));
}

function fittingInBag(devices: number, running: readonly SnapshotVariant[], wishes: readonly Wish[]): number[] {
  const each = (variant: SnapshotVariant) => variant.devicesPerReplica * variant.nodesPerReplica;
  let free = devices - running.reduce((sum, variant) => sum + variant.currentReplicas * each(variant), 0);
  return wishes.map(({ variant, count }) => {
    const placed = Math.max(0, Math.min(count, Math.floor(free / each(variant))));
    free -= placed * each(variant);
    return placed;
  });
}
