import type { NodeRow, Workload } from "../../src/problem/types.ts";
import type { Dice } from "./dice.ts";

/** Node shapes of a pool with that many devices: mostly full nodes of 8, some partly taken. */
export function shapesOf(devices: number, dice: Dice): NodeRow[] {
  const counts = new Map<number, number>();
  for (let left = devices; left > 0; ) {
    const free = dice.next() < 0.7 ? 8 : 1 + dice.pick(8);
    const take = Math.min(free, left);
    counts.set(take, (counts.get(take) ?? 0) + 1);
    left -= take;
  }
  return [...counts]
    .sort(([a], [b]) => b - a)
    .map(([freeDevices, count]) => ({ freeDevices, count, taints: [], holds: {} }));
}

/** Current replicas: what a greedy on demands that have since moved would run. */
export function placeCurrent(workloads: Workload[], devices: Map<string, number>, dice: Dice): void {
  const free = new Map(devices);
  for (const w of dice.shuffle([...workloads])) {
    let rest = w.demandPerSecond * dice.logNormal(0.2);
    const order = [...w.variants].sort(
      (a, b) => a.costPerHour / a.capacityPerSecond! - b.costPerHour / b.capacityPerSecond!,
    );
    if (dice.next() < 0.25) order.reverse();
    for (const v of order) {
      const n = Math.min(
        v.maxReplicas!,
        Math.ceil(rest / v.capacityPerSecond!),
        Math.floor(free.get(v.pool)! / v.devicesPerReplica),
      );
      if (rest <= 0 || n <= 0) continue;
      v.currentReplicas = n;
      free.set(v.pool, free.get(v.pool)! - n * v.devicesPerReplica);
      rest -= n * v.capacityPerSecond!;
    }
  }
}
