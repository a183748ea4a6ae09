import fc from "fast-check";
import type {
  ClassRuleName,
  ObjectiveName,
  PlacementProblem,
  Pool,
  Quota,
  Variant,
  Workload,
} from "../../src/index.ts";
import { bag, node, problem, shaped, taint, tolerating, variant, workload } from "./build.ts";

/** What tiny problems are made of: at most 4 workloads of at most 3 variants on at most 2 pools. */
export interface Features {
  rules: ClassRuleName[];
  objective: ObjectiveName;
  /** Sizes of replicas. */
  sizes: number[];
  mins: boolean;
  quotas: boolean;
  groups: boolean;
  taints: boolean;
  holds: boolean;
  lanes: boolean;
  types: boolean;
  maxWorkloads: number;
}

export const PLAIN: Features = {
  rules: ["max-min"],
  objective: "lexicographic",
  sizes: [1, 2, 4],
  mins: false,
  quotas: false,
  groups: false,
  taints: false,
  holds: false,
  lanes: true,
  types: false,
  maxWorkloads: 4,
};

export const EVERYTHING: Features = {
  ...PLAIN,
  rules: ["max-min", "proportional", "total", "dominant-share"],
  sizes: [1, 2, 3, 4],
  mins: true,
  quotas: true,
  groups: true,
  taints: true,
  holds: true,
  types: true,
};

const POOLS = ["p0", "p1"];
const TAINT = "dedicated:NoSchedule";

function pool(name: string, f: Features): fc.Arbitrary<Pool> {
  const row = fc
    .record({ free: fc.integer({ min: 0, max: 8 }), count: fc.integer({ min: 1, max: 2 }), tainted: fc.boolean() })
    .map(({ free, count, tainted }) => node(free, count, tainted && f.taints ? { taints: [taint(TAINT)] } : {}));
  const shape = fc.array(row, { minLength: 1, maxLength: 3 }).map((rows) => shaped(name, ...rows));
  return fc.oneof({ weight: 2, arbitrary: shape }, { weight: 1, arbitrary: fc.nat(10).map((n) => bag(name, n)) });
}

/** Quarters: sums and ratios of them are exact or far apart. */
const quarters = (min: number, max: number) => fc.integer({ min: 4 * min, max: 4 * max }).map((n) => n / 4);

function oneVariant(name: string, f: Features): fc.Arbitrary<Variant> {
  return fc
    .record({
      pool: fc.constantFrom(...POOLS),
      size: fc.constantFrom(...f.sizes),
      capacity: quarters(1, 5),
      cost: fc.nat(9),
      startCost: fc.nat(4),
      current: fc.nat(3),
      min: fc.constantFrom(0, 0, 0, 1, 2),
      room: fc.option(fc.nat(3), { nil: undefined, freq: 3 }),
      group: fc.constantFrom(1, 1, 1, 2),
      tolerates: fc.boolean(),
      movable: fc.boolean(),
    })
    .map((r) => {
      const minReplicas = f.mins ? r.min : 0;
      return variant(name, r.pool, r.size, r.capacity, {
        costPerHour: r.cost,
        startCost: r.startCost,
        currentReplicas: r.current,
        minReplicas,
        ...(r.room === undefined ? {} : { maxReplicas: minReplicas + r.room }),
        nodesPerReplica: f.groups ? r.group : 1,
        tolerations: f.taints && r.tolerates ? [tolerating("dedicated")] : [],
        movable: r.movable,
      });
    });
}

function withLanes(variants: Variant[]): Variant[] {
  return variants.length < 2
    ? variants
    : variants.map((v, i) => ({ ...v, role: (["prefill", "decode", "both"] as const)[i]! }));
}

/** Two request types; every variant serves the first, and only every other one the second. */
function withTypes(w: Workload): Workload {
  const variants = w.variants.map(({ capacityPerSecond = 1, ...v }, i): Variant => {
    const long = { long: capacityPerSecond / 2 };
    return { ...v, capacityByType: i === 1 ? long : { ...long, short: capacityPerSecond } };
  });
  const d = w.demandPerSecond;
  const requestTypes = [
    { name: "long", demandPerSecond: d / 4 },
    { name: "short", demandPerSecond: d - d / 4 },
  ];
  return { ...w, variants, requestTypes };
}

function oneWorkload(name: string, f: Features): fc.Arbitrary<Workload> {
  const variants = fc
    .integer({ min: 1, max: 3 })
    .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => oneVariant(`${name}-v${i}`, f))));
  return fc
    .record({
      demand: quarters(0, 12),
      priority: fc.constantFrom(0, 0, 1),
      weight: fc.constantFrom(1, 1, 1, 2, 3, 0.5),
      shedPenalty: fc.nat(40),
      tenant: fc.constantFrom("t0", "t1", undefined),
      kind: fc.constantFrom("plain", "plain", "lanes", "types"),
      variants,
    })
    .map(({ demand, priority, weight, shedPenalty, tenant, kind, variants }) => {
      const made = workload(name, demand, f.lanes && kind === "lanes" ? withLanes(variants) : variants, {
        priority,
        weight,
        shedPenalty,
        ...(tenant && f.quotas ? { tenant } : {}),
      });
      return f.types && kind === "types" ? withTypes(made) : made;
    });
}

function quotasOf(pools: Pool[]): fc.Arbitrary<Quota[]> {
  const quota = (tenant: string, pool: string | undefined) =>
    fc
      .record({
        guaranteed: fc.constantFrom(0, 0, 1, 2, 4),
        room: fc.option(fc.nat(6), { nil: undefined }),
        cohort: fc.constantFrom("low", undefined),
        maxCost: fc.option(fc.nat(30), { nil: undefined, freq: 4 }),
      })
      .map(({ guaranteed, room, cohort, maxCost }): Quota => {
        const guaranteedDevices = pool === undefined ? 0 : guaranteed;
        return {
          tenant,
          guaranteedDevices,
          ...(pool === undefined ? {} : { pool }),
          ...(room === undefined ? {} : { maxDevices: guaranteedDevices + room }),
          ...(maxCost === undefined ? {} : { maxCostPerHour: maxCost }),
          ...(cohort === undefined ? {} : { cohort }),
        };
      });
  return fc
    .subarray(["t0", "t1"].flatMap((t) => [undefined, ...pools.map((p) => p.name)].map((p) => [t, p] as const)))
    .chain((pairs) =>
      pairs.length === 0 ? fc.constant<Quota[]>([]) : fc.tuple(...pairs.map(([t, p]) => quota(t, p))),
    );
}

/** Nodes hold some of the current replicas, as many as their devices carry. */
function withHolds(p: PlacementProblem): PlacementProblem {
  const current = new Map(
    p.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.currentReplicas * v.nodesPerReplica])),
  );
  const variants = p.workloads.flatMap((w) => w.variants);
  const pools = p.pools.map((pool) => {
    if (!pool.nodes) return pool;
    const nodes = pool.nodes.map((row) => {
      const holds: Record<string, number> = {};
      let free = row.freeDevices;
      for (const v of variants) {
        const usable = row.taints.length === 0 || v.tolerations.length > 0;
        if (v.pool !== pool.name || v.nodesPerReplica > 1 || !usable) continue;
        const k = Math.min(Math.floor(current.get(v.name)! / row.count), Math.floor(free / v.devicesPerReplica), 1);
        if (k < 1) continue;
        holds[v.name] = k;
        free -= k * v.devicesPerReplica;
        current.set(v.name, current.get(v.name)! - k * row.count);
      }
      return { ...row, holds };
    });
    return { ...pool, nodes };
  });
  return { ...p, pools };
}

/** A group on a bag is bad input: there it becomes a single replica. */
function withoutGroupsOnBags(p: PlacementProblem): PlacementProblem {
  const bags = new Set(p.pools.filter((q) => !q.nodes).map((q) => q.name));
  const workloads = p.workloads.map((w) => ({
    ...w,
    variants: w.variants.map((v) => (bags.has(v.pool) ? { ...v, nodesPerReplica: 1 } : v)),
  }));
  return { ...p, workloads };
}

export function tinyProblem(f: Features = PLAIN): fc.Arbitrary<PlacementProblem> {
  const workloads = fc
    .integer({ min: 1, max: f.maxWorkloads })
    .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => oneWorkload(`w${i}`, f))));
  const pools = fc.tuple(...POOLS.map((name) => pool(name, f)));
  return fc
    .tuple(pools, workloads, fc.constantFrom(...f.rules), fc.constantFrom(...f.rules))
    .chain(([pools, workloads, first, second]) =>
      (f.quotas ? quotasOf(pools) : fc.constant<Quota[]>([])).map((quotas) => {
        const made = problem({
          pools,
          workloads,
          quotas,
          objective: f.objective,
          classes: [
            { priority: 0, rule: first },
            { priority: 1, rule: second },
          ],
          cohorts: quotas.length > 2 ? [{ name: "low", maxDevices: 12 }] : [{ name: "low" }],
        });
        return withoutGroupsOnBags(f.holds ? withHolds(made) : made);
      }),
    );
}
