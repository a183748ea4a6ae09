import type { NodeRow, PlacementProblem, Pool, Quota, Variant, Workload } from "../../src/problem/types.ts";
import { usefulReplicas } from "./attainments.ts";
import { Random } from "./random.ts";

/** What a random world may contain beside plain workloads on node pools of chain sizes. */
export const FEATURES = [
  "bags",
  "odd-sizes",
  "taints",
  "holds",
  "groups",
  "quotas",
  "cohorts",
  "guarantees",
  "roles",
  "types",
  "floors",
  "start-cost",
  "weights",
  "classes",
  "total",
  "proportional",
  "dominant-share",
  "penalty",
] as const;

export type Feature = (typeof FEATURES)[number];

/** Placements in the boxes of a world, at most: what the oracle looks at. */
const MOST_PLACEMENTS = 20_000;

type Has = (feature: Feature) => boolean;

function randomPools(random: Random, has: Has): Pool[] {
  const taint = { key: "team", value: "x", effect: "NoSchedule" } as const;
  return Array.from({ length: random.whole(1, 3) }, (_, p): Pool => {
    if (has("bags") && random.chance(0.5)) return { name: `pool-${p}`, devices: random.whole(2, 9) };
    const nodes = Array.from({ length: random.whole(1, 2) }, (): NodeRow => {
      const tainted = has("taints") && random.chance(0.4);
      return {
        freeDevices: random.pick(has("odd-sizes") ? [3, 4, 5, 7] : [1, 2, 4, 6]),
        count: random.whole(1, 2),
        taints: tainted ? [taint] : [],
        holds: {},
      };
    });
    return { name: `pool-${p}`, nodes };
  });
}

function randomVariant(random: Random, has: Has, name: string, pool: Pool, role: Variant["role"]): Variant {
  const group = has("groups") && pool.nodes && random.chance(0.5);
  const variant: Variant = {
    name,
    pool: pool.name,
    role,
    devicesPerReplica: random.pick(has("odd-sizes") ? [1, 2, 3] : [1, 2, 4]),
    nodesPerReplica: group ? 2 : 1,
    capacityPerSecond: random.whole(2, 9),
    costPerHour: random.whole(1, 12),
    startCost: has("start-cost") ? random.whole(0, 5) : 0,
    currentReplicas: has("start-cost") ? random.whole(0, 3) : 0,
    minReplicas: has("floors") && random.chance(0.5) ? random.whole(1, 2) : 0,
    tolerations: has("taints") && random.chance(0.5) ? [{ key: "team", operator: "Exists", value: "" }] : [],
    movable: false,
  };
  if (random.chance(0.2)) variant.maxReplicas = random.whole(Math.max(1, variant.minReplicas), 3);
  return variant;
}

function withTypes(random: Random, w: Workload): void {
  w.requestTypes = [
    { name: "long", demandPerSecond: random.whole(1, 8) },
    { name: "short", demandPerSecond: random.whole(1, 8) },
  ];
  w.demandPerSecond = w.requestTypes.reduce((sum, t) => sum + t.demandPerSecond, 0);
  w.variants.forEach((v, i) => {
    delete v.capacityPerSecond;
    v.capacityByType = { short: random.whole(2, 9) };
    // the first serves both, so that no type is without a server
    if (i === 0 || random.chance(0.7)) v.capacityByType.long = random.whole(1, 6);
  });
}

function randomWorkload(random: Random, has: Has, m: number, pools: Pool[]): Workload {
  const roles = has("roles") && random.chance(0.5);
  const lanes: Variant["role"][] = random.chance(0.5) ? ["prefill", "decode"] : ["prefill", "decode", "both"];
  const shape = roles ? lanes : Array.from({ length: random.whole(1, 3) }, () => "both" as const);
  const w: Workload = {
    name: `w${m}`,
    priority: has("classes") ? random.pick([0, 10]) : 0,
    weight: has("weights") ? random.pick([1, 1, 2, 3]) : 1,
    demandPerSecond: random.chance(0.05) ? 0 : random.whole(4, 30),
    shedPenalty: has("penalty") ? random.whole(0, 60) : 0,
    variants: shape.map((role, i) => randomVariant(random, has, `w${m}-v${i}`, random.pick(pools), role)),
  };
  if (has("types") && !roles && random.chance(0.6)) withTypes(random, w);
  return w;
}

/** Held replicas that fit on their nodes and tolerate them. */
function addHolds(random: Random, pools: Pool[], workloads: Workload[]): void {
  for (const v of workloads.flatMap((w) => w.variants)) {
    const nodes = pools.find((p) => p.name === v.pool)!.nodes;
    if (!nodes || !random.chance(0.5)) continue;
    const node = random.pick(nodes);
    const used = Object.entries(node.holds).reduce((sum, [name, k]) => {
      const other = workloads.flatMap((w) => w.variants).find((o) => o.name === name)!;
      return sum + k * other.devicesPerReplica;
    }, 0);
    const tolerated = node.taints.length === 0 || v.tolerations.length > 0;
    if (!tolerated || v.nodesPerReplica > 1 || used + v.devicesPerReplica > node.freeDevices) continue;
    node.holds[v.name] = 1;
    v.currentReplicas = node.count;
    v.movable = random.chance(0.3);
  }
}

function addQuotas(random: Random, has: Has, problem: PlacementProblem): void {
  const tenants = ["team-a", "team-b"];
  for (const w of problem.workloads) if (random.chance(0.8)) w.tenant = random.pick(tenants);
  for (const tenant of tenants) {
    const quota: Quota = { tenant, guaranteedDevices: 0 };
    if (has("guarantees") || random.chance(0.5)) quota.pool = random.pick(problem.pools).name;
    if (has("guarantees")) quota.guaranteedDevices = random.whole(0, 4);
    if (has("quotas") && random.chance(0.6)) quota.maxDevices = quota.guaranteedDevices + random.whole(1, 6);
    if (has("quotas") && random.chance(0.3)) quota.maxCostPerHour = random.whole(8, 40);
    if (has("cohorts")) quota.cohort = random.pick(["leaf", "root"]);
    problem.quotas.push(quota);
  }
  if (!has("cohorts")) return;
  problem.cohorts.push(
    { name: "root", maxDevices: random.whole(3, 12) },
    { name: "leaf", parent: "root", maxDevices: random.whole(2, 8) },
  );
}

/** Lowers maxima until the boxes hold few enough placements. */
function shrink(problem: PlacementProblem): void {
  const variants = problem.workloads.flatMap((w) =>
    w.variants.map((v) => ({
      v,
      useful: Math.max(v.minReplicas, Math.min(usefulReplicas(w, v.name), v.maxReplicas ?? 99)),
    })),
  );
  for (;;) {
    const count = variants.reduce((product, { useful }) => product * (useful + 1), 1);
    if (count <= MOST_PLACEMENTS) return;
    const largest = variants.reduce((a, b) => (b.useful - b.v.minReplicas > a.useful - a.v.minReplicas ? b : a));
    largest.useful -= 1;
    largest.v.maxReplicas = Math.max(1, largest.useful);
  }
}

/**
 * A tiny world that `bruteForce` can enumerate: 1–3 pools, 1–4 workloads of 1–3 variants, often short of devices. Whole numbers
 * throughout, so that attainments either agree or differ by far more than 1e-7. The same seed and features give the same world.
 * `dominant-share` leaves quotas, taints, groups, holds and odd sizes out: shares are of the plain inventory.
 */
export function randomWorld(seed: number, features: readonly Feature[] = []): PlacementProblem {
  const random = new Random(seed);
  const simple: Feature[] = ["quotas", "cohorts", "guarantees", "taints", "groups", "holds", "odd-sizes"];
  const has: Has = (f) => features.includes(f) && !(features.includes("dominant-share") && simple.includes(f));
  const pools = randomPools(random, has);
  const workloads = Array.from({ length: random.pick([1, 2, 3, 3, 4, 4]) }, (_, m) =>
    randomWorkload(random, has, m, pools),
  );
  if (has("holds")) addHolds(random, pools, workloads);
  const rules = (["total", "proportional", "dominant-share"] as const).filter(has);
  const problem: PlacementProblem = {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: has("penalty") ? "penalty" : "lexicographic",
    pools,
    classes: rules.length > 0 ? [0, 10].map((priority) => ({ priority, rule: random.pick(rules) })) : [],
    quotas: [],
    cohorts: [],
    workloads,
    sharedServers: [],
  };
  if (has("quotas") || has("cohorts") || has("guarantees")) addQuotas(random, has, problem);
  shrink(problem);
  return problem;
}
