import type { Variant, Workload } from "../../src/problem/types.ts";
import { type Dice, round3 } from "./dice.ts";

/** Accelerators: memory (GiB), relative speed, price per device-hour (list prices rounded; they only need to be plausible). */
const ACCELERATORS = [
  ["h100", 80, 1.6, 5.2],
  ["a100-80", 80, 0.7, 2.9],
  ["l40s", 48, 0.35, 1.6],
  ["mi300x", 192, 1.7, 5.0],
  ["h200", 141, 1.95, 6.1],
  ["a100-40", 40, 0.6, 2.2],
  ["b200", 180, 3.6, 11.0],
  ["l4", 24, 0.12, 0.7],
  ["a10g", 24, 0.13, 0.9],
  ["v5e", 16, 0.2, 1.1],
] as const;

/** Model sizes (10⁹ parameters) and their shares. */
const MODELS = [
  [3, 0.15],
  [8, 0.3],
  [14, 0.2],
  [32, 0.15],
  [70, 0.13],
  [123, 0.04],
  [235, 0.03],
] as const;

const CLASS_SPEED = [0.55, 0.75, 1] as const;
export const SHED = [1000, 100, 10] as const;
export const PRIORITIES = [0, 10, 20] as const;

export interface PoolSeed {
  name: string;
  memory: number;
  speed: number;
  price: number;
  zone: number;
}

export function poolSeeds(options: { pools: number }, dice: Dice): PoolSeed[] {
  const kinds = Math.min(options.pools <= 4 ? 4 : 10, ACCELERATORS.length);
  return Array.from({ length: options.pools }, (_, p) => {
    const [name, memory, speed, price] = ACCELERATORS[p % kinds]!;
    const zone = Math.floor(p / kinds);
    return {
      name: `${name}-z${zone}`,
      memory,
      speed,
      price: round3(price * (1 + 0.15 * (dice.next() - 0.5)) * (1 + 0.04 * zone)),
      zone,
    };
  });
}

function modelSize(dice: Dice): number {
  let q = dice.next();
  for (const [size, share] of MODELS) {
    if (q <= share) return size;
    q -= share;
  }
  return MODELS[0][0];
}

function candidates(pools: PoolSeed[], size: number, cls: number, dice: Dice) {
  const zones = Math.max(...pools.map((p) => p.zone)) + 1;
  const home = dice.pick(zones);
  const needed = size * 2 * 1.25;
  const found: { pool: PoolSeed; devices: number; capacity: number }[] = [];
  for (const pool of pools) {
    if (zones > 1 && pool.zone !== home && dice.next() > 0.35) continue;
    for (const devices of [1, 2, 4, 8]) {
      if (pool.memory * devices < needed || (pool.memory * devices > needed * 12 && devices > 1)) continue;
      const speed = pool.speed * devices * devices ** -0.1 * CLASS_SPEED[cls]!;
      found.push({ pool, devices, capacity: round3(((speed * 60) / size ** 0.85) * dice.logNormal(0.25)) });
    }
  }
  for (const pool of pools) {
    if (found.length >= 2) break;
    found.push({ pool, devices: 8, capacity: round3(((pool.speed * 6.4 * 60) / size ** 0.85) * dice.logNormal(0.25)) });
  }
  return dice.shuffle(found).slice(0, 2 + dice.pick(5));
}

export function workloadOf(
  index: number,
  rank: number,
  options: { workloads: number },
  pools: PoolSeed[],
  dice: Dice,
): Workload {
  const u = dice.next();
  const cls = u < 0.25 ? 0 : u < 0.65 ? 1 : 2;
  const size = modelSize(dice);
  const name = `m${String(index).padStart(6, "0")}-${size}b`;
  const options_ = candidates(pools, size, cls, dice);
  const best = options_.reduce((a, b) =>
    (a.pool.price * a.devices) / a.capacity <= (b.pool.price * b.devices) / b.capacity ? a : b,
  );
  const replicas = Math.max(0.02, ((0.7 * (options.workloads / 2 + 2)) / (rank + 3)) * dice.logNormal(0.3));
  const demandPerSecond = round3(replicas * best.capacity);
  const variants = options_.map(({ pool, devices, capacity }): Variant => {
    const needed = Math.ceil(demandPerSecond / capacity) + 1;
    const costPerHour = round3(pool.price * devices);
    return {
      name: `${name}-${pool.name}-x${devices}`,
      pool: pool.name,
      role: "both",
      devicesPerReplica: devices,
      nodesPerReplica: 1,
      capacityPerSecond: capacity,
      costPerHour,
      startCost: round3(costPerHour * dice.between(0.05, 0.3)),
      currentReplicas: 0,
      minReplicas: 0,
      maxReplicas: dice.next() < 0.15 ? Math.max(1, Math.ceil(needed * dice.between(0.3, 0.7))) : needed,
      tolerations: [],
      movable: false,
    };
  });
  const weight = [1, 1, 2, 4][dice.pick(4)]!;
  const cheapest = Math.min(
    ...variants.map((v) => v.costPerHour * Math.max(1, demandPerSecond / v.capacityPerSecond!)),
  );
  return {
    name,
    priority: PRIORITIES[cls]!,
    weight,
    demandPerSecond,
    shedPenalty: round3(SHED[cls]! * weight * cheapest),
    variants,
  };
}
