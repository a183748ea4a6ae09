import { describe, expect, it } from "vitest";
import type { Keep } from "../../src/chain/keep.ts";
import { flatten } from "../../src/lagrange/flat.ts";
import { Pricer } from "../../src/lagrange/pricer.ts";
import { type StageGoal, stageModel } from "../../src/lagrange/stage-model.ts";
import { attainmentOf } from "../../src/model/attainment.ts";
import { type Goals, goalsOf } from "../../src/model/goals.ts";
import { compile, type Instance } from "../../src/model/instance.ts";
import { Random } from "../oracle/random.ts";
import { type Feature, randomWorld } from "../oracle/worlds.ts";
import { bag, problem, variant, workload } from "../support/build.ts";
import { leastPattern, type PatternCost, patternCost } from "./pattern-cost.ts";

const GOALS = ["cost", "penalty", "below", "ladder", "total", "proportional", "missing"] as const;

function goalOf(instance: Instance, kind: (typeof GOALS)[number], random: Random): StageGoal {
  const { workloads, classes } = instance;
  const cls = random.whole(0, classes.length - 1);
  const tie = random.pick([0, 0, 0.01]);
  if (kind === "cost") return { cost: 1 };
  if (kind === "penalty") return { cost: 1, linear: (m) => workloads[m]!.weight * (5 + 10 * m) };
  if (kind === "below") return { cost: tie, below: [{ cls, rung: random.next(), factor: 1 }] };
  if (kind === "ladder")
    return {
      cost: tie,
      below: [0.2, 0.5, 0.5 + random.next() / 2, 1].map((rung, i) => ({ cls, rung, factor: 0.6 ** i })),
    };
  if (kind === "total")
    return { cost: tie, linear: (m) => (workloads[m]!.cls === cls ? workloads[m]!.weight * workloads[m]!.demand : 0) };
  if (kind === "proportional") return { cost: tie, log: { cls, zeroWeight: random.whole(0, 3) } };
  return { cost: 0, missing: { cls, asked: Float64Array.from(instance.variants, (v) => v.min) } };
}

/** Something kept of every kind, whether or not a plan could keep it all. */
function keepOf(instance: Instance, goals: Goals, kind: (typeof GOALS)[number], random: Random, logs: boolean): Keep {
  const keep: Keep = {
    minReplicas: Float64Array.from(instance.variants, (v) => (kind === "missing" ? 0 : v.min)),
    rungs: [],
    totals: [],
    logs: [],
  };
  if (kind === "missing") return keep;
  instance.classes.forEach(({ members }, cls) => {
    const all = members.reduce((s, m) => s + goals.weight[m]!, 0);
    let reached = 0;
    for (const rung of [0.3 * random.next(), 0.3 + 0.4 * random.next(), 1]) {
      if (random.chance(0.5)) continue;
      reached = Math.min(all, reached + random.pick([0, 1, 2, 2.5]));
      keep.rungs.push({ cls, rung, reached });
    }
    if (random.chance(0.3)) keep.totals.push({ cls, value: 1 });
    if (random.chance(0.3) && kind !== "proportional" && logs) keep.logs.push({ cls, zeroWeight: 1, value: -3 });
  });
  if (random.chance(0.2)) {
    const members = instance.workloads.flatMap((w, m) => (w.kind !== "idle" && m % 2 === 0 ? [m] : []));
    keep.cohortFirst = { members, value: 0.5 };
  }
  if (random.chance(0.3)) {
    // minima of which one replica is missed
    keep.minReplicas.fill(0);
    keep.brokenMinima = {
      asked: Float64Array.from(instance.variants, (v) => v.min),
      missing: instance.classes.map((_, cls) => ({ cls, reached: 1 })),
    };
  }
  return keep;
}

/** Attainments that some placement has, as floors of a few workloads. */
function addFloors(instance: Instance, goals: Goals, random: Random): void {
  instance.workloads.forEach((w, m) => {
    if (w.kind === "idle" || !random.chance(0.25)) return;
    const x: Record<number, number> = {};
    for (const v of w.variants) x[v] = random.whole(0, instance.variants[v]!.useful);
    goals.floor[m] = attainmentOf(instance, m, x);
  });
}

interface Tally {
  solved: number;
  impossible: number;
}

function compareAll(seed: number, features: Feature[], kind: (typeof GOALS)[number], tally: Tally, logs = true): void {
  const random = new Random(seed * 31 + 7);
  const instance = compile(randomWorld(seed, features));
  const goals = goalsOf(instance);
  const goal = goalOf(instance, kind, random);
  const keep = keepOf(instance, goals, kind, random, logs);
  if (kind !== "missing") addFloors(instance, goals, random);
  const model = stageModel(flatten(instance), goals, keep, goal);
  const pricer = new Pricer(model);
  for (let round = 0; round < 3; round++) {
    const spread = random.pick([0.3, 3, 30]);
    const prices = Float64Array.from(model.keys, (_, r) =>
      model.priced[r] && random.chance(0.7) ? random.pick([1, random.next()]) * spread : 0,
    );
    const q: PatternCost = { instance, goals, keep, goal, model, prices, scale: random.pick([1, 1, 0.5]) };
    instance.workloads.forEach((w, m) => {
      const limits = random.chance(0.3) ? Float64Array.from(w.variants, () => random.whole(0, 4)) : undefined;
      const best = leastPattern(q, m, limits);
      const value = pricer.solve(m, prices, q.scale, limits);
      const where = `seed ${seed}, ${features.join(",")}, ${kind}, round ${round}, workload ${m} (${w.kind})`;
      if (best === Number.POSITIVE_INFINITY) {
        tally.impossible++;
        expect(value, where).toBe(best);
        return;
      }
      tally.solved++;
      const near = 1e-7 * Math.max(1, Math.abs(best));
      expect(pricer.lower, where).toBeLessThanOrEqual(best + near);
      // boxes this small are searched to the end
      expect(pricer.lower, where).toBeGreaterThanOrEqual(best - 10 * near);
      expect(Math.abs(value - best), where).toBeLessThanOrEqual(10 * near);
      const x = Object.fromEntries(w.variants.map((v, i) => [v, pricer.x[i]!]));
      w.variants.forEach((v, i) => {
        expect(Number.isInteger(x[v]), where).toBe(true);
        expect(x[v], where).toBeGreaterThanOrEqual(model.min[v]!);
        if (limits) expect(x[v], where).toBeLessThanOrEqual(Math.max(limits[i]!, model.min[v]!));
      });
      expect(Math.abs(patternCost(q, m, x) - value), where).toBeLessThanOrEqual(10 * near);
    });
  }
}

const LANES: Feature[] = ["roles", "classes", "weights", "start-cost", "floors"];
const MIXES: { name: string; features: Feature[]; logs?: boolean }[] = [
  { name: "plain workloads", features: ["classes", "weights", "start-cost", "floors"] },
  { name: "plain workloads on bags with quotas", features: ["bags", "odd-sizes", "quotas", "cohorts", "weights"] },
  { name: "lanes", features: LANES, logs: false },
  { name: "request types", features: ["types", "classes", "start-cost", "floors"] },
];

describe("subproblems at prices against every point of their boxes", () => {
  const cases = MIXES.flatMap((mix) => GOALS.map((kind) => ({ logs: true, ...mix, kind })));
  const possible = cases.filter((c) => c.logs || c.kind !== "proportional");
  it.each(possible)("$name, $kind", ({ features, kind, logs }) => {
    const tally = { solved: 0, impossible: 0 };
    for (let seed = 1; seed <= 40; seed++) compareAll(seed, features, kind, tally, logs);
    expect(tally.solved).toBeGreaterThan(100);
  });

  // LanesPricer drops "nothing at all" from its fronts where something costs as little, but nothing at all pays no logarithm
  it.each(["proportional", "total"] as const)("lanes with a logarithm, %s", (kind) => {
    const tally = { solved: 0, impossible: 0 };
    for (let seed = 1; seed <= 40; seed++) compareAll(seed, LANES, kind, tally);
  });
});

/** One workload whose box is too large to be searched to the end. */
function large(w: ReturnType<typeof workload>, slope: number): PatternCost {
  const instance = compile(problem({ pools: [bag("p", 4000)], workloads: [w] }));
  const goals = goalsOf(instance);
  const keep: Keep = {
    minReplicas: Float64Array.from(instance.variants, (v) => v.min),
    rungs: [],
    totals: [],
    logs: [],
  };
  const goal: StageGoal = { cost: 1, linear: () => slope };
  const model = stageModel(flatten(instance), goals, keep, goal);
  return { instance, goals, keep, goal, model, prices: new Float64Array(model.keys.length), scale: 1 };
}

function expectBounds(q: PatternCost): void {
  const pricer = new Pricer(q.model);
  const value = pricer.solve(0, q.prices);
  const best = leastPattern(q, 0);
  expect(pricer.lower).toBeLessThanOrEqual(best + 1e-7);
  expect(value).toBeGreaterThanOrEqual(best - 1e-7);
  const x = Object.fromEntries(q.instance.workloads[0]!.variants.map((v, i) => [v, pricer.x[i]!]));
  expect(patternCost(q, 0, x)).toBeCloseTo(value, 7);
}

describe("subproblems that are too large to be searched", () => {
  it("plain: bounded from below, and the pattern costs what it says", () => {
    const random = new Random(5);
    for (let i = 0; i < 4; i++) {
      const variants = Array.from({ length: 4 }, (_, k) => {
        const capacity = 7 + random.next() * 0.02 + k;
        return variant(`v${k}`, "p", 1, capacity, {
          costPerHour: capacity * (1 + random.next() * 1e-3),
          maxReplicas: 14,
        });
      });
      expectBounds(large(workload("w", 211.5, variants), 1e6));
    }
  });

  it("lanes: fronts that were thinned stay below", () => {
    const random = new Random(6);
    for (let i = 0; i < 3; i++) {
      const lane = (role: "prefill" | "decode") =>
        Array.from({ length: 2 }, (_, k) =>
          variant(`${role}${k}`, "p", 1, 1 + random.next(), { role, costPerHour: 1 + random.next(), maxReplicas: 26 }),
        );
      expectBounds(large(workload("w", 70.3, [...lane("prefill"), ...lane("decode")]), 60 + 60 * random.next()));
    }
  });

  it("request types: bounded from below", () => {
    const random = new Random(7);
    for (let i = 0; i < 3; i++) expectBounds(large(typed(60, random.next(), random.next()), 40 + 60 * random.next()));
  });

  // TypesPricer.corners has no corner at fixed/rate, where minima stop paying for what is served: the bound comes out at 110, 103⅓ is possible
  it("request types with minima: bounded from below", () => {
    expectBounds(large(withMinima(), 100));
  });
});

function typed(most: number, a: number, b: number): ReturnType<typeof workload> {
  const requestTypes = [
    { name: "long", demandPerSecond: 40 + 10 * a },
    { name: "short", demandPerSecond: 40 + 10 * b },
  ];
  const by = (long: number, short: number) => ({ capacityByType: { long, short }, capacityPerSecond: undefined });
  return workload(
    "w",
    requestTypes.reduce((s, t) => s + t.demandPerSecond, 0),
    [
      variant("x", "p", 1, 1, { ...by(1, 0.5 + a), costPerHour: 1, maxReplicas: most }),
      variant("y", "p", 1, 1, { ...by(0.5 + b, 1), costPerHour: 1 + a - b / 2, maxReplicas: most }),
    ],
    { requestTypes },
  );
}

/** 10 replicas that must run serve one type, a sixth of it, and nothing of the other. */
function withMinima(): ReturnType<typeof workload> {
  const only = (type: string) => ({ capacityByType: { [type]: 1 }, capacityPerSecond: undefined });
  return workload(
    "w",
    120,
    [
      variant("x", "p", 1, 1, { ...only("long"), costPerHour: 1, minReplicas: 10 }),
      variant("y", "p", 1, 1, { ...only("short"), costPerHour: 1 }),
    ],
    {
      requestTypes: [
        { name: "long", demandPerSecond: 60 },
        { name: "short", demandPerSecond: 60 },
      ],
    },
  );
}
