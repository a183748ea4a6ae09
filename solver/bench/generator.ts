import type { ClassRuleName, NodeRow, PlacementProblem, Variant, Workload } from "../src/problem/types.ts";

/** Seeded fleets: heavy-tailed demand, three classes, 2–6 variants a workload, capacities as a ratio of what full service needs. */
export interface FleetOptions {
  workloads: number;
  pools: number;
  /** 2.0 ample, 1.0 tight, 0.7 scarce. */
  ratio: number;
  seed: number;
  /** Rule of all three classes; `penalty` sets the objective instead. */
  rule: ClassRuleName | "penalty";
  /** Node shapes in place of bags of devices. */
  shapes: boolean;
}

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
const SHED = [1000, 100, 10] as const;
const PRIORITIES = [0, 10, 20] as const;

/** mulberry32: 32-bit state, enough for instances. */
export function randomOf(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Dice {
  next(): number;
  between(a: number, b: number): number;
  logNormal(sigma: number): number;
  pick(n: number): number;
  shuffle<T>(list: T[]): T[];
}

function diceOf(seed: number): Dice {
  const next = randomOf(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const pick = (n: number) => Math.floor(next() * n);
  return {
    next,
    pick,
    between: (a, b) => a + (b - a) * next(),
    logNormal: (sigma) => Math.exp(sigma * normal()),
    shuffle: (list) => {
      for (let i = list.length - 1; i > 0; i--) {
        const j = pick(i + 1);
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
      return list;
    },
  };
}

const round3 = (x: number) => Math.max(0.001, Math.round(x * 1000) / 1000);

interface PoolSeed {
  name: string;
  memory: number;
  speed: number;
  price: number;
  zone: number;
}

function poolSeeds(options: FleetOptions, dice: Dice): PoolSeed[] {
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

function workloadOf(index: number, rank: number, options: FleetOptions, pools: PoolSeed[], dice: Dice): Workload {
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

/** Node shapes of a pool with that many devices: mostly full nodes of 8, some partly taken. */
function shapesOf(devices: number, dice: Dice): NodeRow[] {
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
function placeCurrent(workloads: Workload[], devices: Map<string, number>, dice: Dice): void {
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

/** A seeded fleet as a parsed problem. The same options give the same problem on every machine. */
export function fleet(options: FleetOptions): PlacementProblem {
  const dice = diceOf(
    options.seed * 7919 + options.workloads * 31 + options.pools * 131 + Math.round(options.ratio * 1000),
  );
  const pools = poolSeeds(options, dice);
  const ranks = dice.shuffle(Array.from({ length: options.workloads }, (_, i) => i));
  const workloads = ranks.map((rank, i) => workloadOf(i, rank, options, pools, dice));
  const need = new Map(pools.map((p) => [p.name, 0]));
  for (const w of workloads) {
    const count = (v: Variant) => Math.ceil(w.demandPerSecond / v.capacityPerSecond!);
    const best = w.variants.reduce((a, b) => (count(a) * a.costPerHour <= count(b) * b.costPerHour ? a : b));
    need.set(best.pool, need.get(best.pool)! + count(best) * best.devicesPerReplica);
  }
  const total = [...need.values()].reduce((a, b) => a + b, 0);
  const shares = pools.map(() => -Math.log(1 - dice.next()));
  const all = shares.reduce((a, b) => a + b, 0);
  const devices = new Map(
    pools.map((p, i) => {
      const share = 0.6 * (need.get(p.name)! / total) + 0.4 * (shares[i]! / all);
      return [p.name, 8 * Math.max(1, Math.round((options.ratio * total * share) / 8))];
    }),
  );
  placeCurrent(workloads, devices, dice);
  return {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: options.rule === "penalty" ? "penalty" : "lexicographic",
    pools: pools.map((p) => {
      const n = devices.get(p.name)!;
      return options.shapes ? { name: p.name, nodes: shapesOf(n, dice) } : { name: p.name, devices: n };
    }),
    classes:
      options.rule === "penalty"
        ? []
        : PRIORITIES.map((priority) => ({ priority, rule: options.rule as ClassRuleName })),
    quotas: [],
    cohorts: [],
    workloads,
    sharedServers: [],
  };
}
