import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demandOf } from "../../../src/model/serving/demand-of.ts";
import { normalQuantile } from "../../../src/model/serving/numbers.ts";
import type { QueueServing } from "../../../src/snapshot/serving.ts";
import { exponential, poisson, seeded } from "../random.ts";
import { context, known, variant } from "./fixtures.ts";
import { drained } from "./queue-simulation.ts";

const queue = (changes: Partial<QueueServing> = {}): QueueServing => ({
  kind: "queue",
  drainSeconds: 60,
  quantile: 0.5,
  arrivalDispersion: 1,
  serviceVariation: 0,
  ...changes,
});
const none = context(variant({ serviceSeconds: 2, concurrency: 6 }));

describe("queue workers", () => {
  test("what arrives, and what waits over the drain time", () => {
    const demand = known(demandOf(queue(), { backlog: 1200, ratePerSecond: 4 }, none));
    expect(demand).toMatchObject({ quality: "known", unit: "items", demandPerSecond: 24, mayShrink: true });
    expect(demand.reason).toBe("backlog 1,200 at 4.0/s arriving, drain in 60 s → 24.0/s asked; one replica does 3.0/s");
    expect(demand.capacities.get("v")).toBe(3);
  });

  const cases: [string, Partial<QueueServing>, object, ReturnType<typeof variant>, number][] = [
    ["nothing waits, nothing comes", {}, { backlog: 0, ratePerSecond: 0 }, variant({ serviceSeconds: 1 }), 0],
    ["only what comes", {}, { backlog: 0, ratePerSecond: 4 }, variant({ serviceSeconds: 1 }), 4],
    // 4·60 = 240 items, z = 1.6449: (240 + 1.6449·√240)/60
    [
      "Poisson, 95 % sure",
      { quantile: 0.95 },
      { backlog: 0, ratePerSecond: 4 },
      variant({ serviceSeconds: 1 }),
      4.42471,
    ],
    // variance 3·240 + 240·0.5²
    [
      "bursty arrivals, uneven items",
      { quantile: 0.95, arrivalDispersion: 3, serviceVariation: 0.5 },
      { backlog: 0, ratePerSecond: 4 },
      variant({ serviceSeconds: 1 }),
      4.76565,
    ],
    [
      "a forecast quantile is not widened",
      { quantile: 0.95 },
      { backlog: 0, ratePerSecond: 4, rateQuantilePerSecond: 5 },
      variant({ serviceSeconds: 1 }),
      5,
    ],
    // The oldest has 20 s left: 10 + 600/20
    [
      "the oldest item is old",
      {},
      { backlog: 600, ratePerSecond: 10, oldestAgeMs: 40_000 },
      variant({ serviceSeconds: 1 }),
      40,
    ],
    // 10 s of 60 are lost to the start: (600 + 600)/50
    [
      "new replicas start first",
      {},
      { backlog: 600, ratePerSecond: 10 },
      variant({ serviceSeconds: 1, startMs: 10_000 }),
      24,
    ],
    // 12 ready do 720 of 1,200; the rest of 480 in 50 s by new ones
    [
      "some are there",
      {},
      { backlog: 600, ratePerSecond: 10 },
      variant({ serviceSeconds: 1, startMs: 10_000, readyReplicas: 12, askedReplicas: 12 }),
      21.6,
    ],
    // 12 ready do 720, 10 ready in 10 s do 500: 1,220 of 1,200
    [
      "enough are on their way",
      {},
      { backlog: 600, ratePerSecond: 10 },
      variant({
        serviceSeconds: 1,
        startMs: 10_000,
        readyReplicas: 12,
        askedReplicas: 22,
        comingInMs: Array(10).fill(10_000),
      }),
      (22 * 1200) / 1220,
    ],
  ];
  test.each(cases)("%s", (_, changes, signals, one, expected) => {
    expect(known(demandOf(queue(changes), signals, context(one))).demandPerSecond).toBeCloseTo(expected, 4);
  });

  test("an item that is late: the drain time starts anew, and it is said", () => {
    const signals = { backlog: 600, ratePerSecond: 10, oldestAgeMs: 90_000 };
    const demand = known(demandOf(queue(), signals, context(variant({ serviceSeconds: 1 }))));
    expect(demand.demandPerSecond).toBeCloseTo(20, 9);
    expect(demand.infeasible).toBe("the oldest item has waited 90 s of its 60 s: it is late");
  });

  test("a start that is longer than the drain time is said", () => {
    const slow = context(variant({ serviceSeconds: 1, startMs: 120_000 }));
    const demand = known(demandOf(queue(), { backlog: 600, ratePerSecond: 10 }, slow));
    expect(demand.demandPerSecond).toBeCloseTo(20, 9);
    expect(demand.infeasible).toBe("new replicas need 120 s to start: too long to drain it in 60 s");
  });

  test("an unknown arrival rate makes a lower bound, an unknown backlog nothing", () => {
    expect(demandOf(queue(), { backlog: 600 }, none)).toMatchObject({
      quality: "partial",
      demandPerSecond: 10,
      mayShrink: false,
    });
    expect(demandOf(queue(), { ratePerSecond: 4 }, none)).toEqual({
      quality: "unknown",
      reason: "the length of its queue is not known",
    });
    expect(demandOf(queue(), { backlog: 3, ratePerSecond: 1 }, context(variant()))).toEqual({
      quality: "unknown",
      reason: "no variant says how long an item takes",
    });
  });
});

test("the work of the drain time is done as surely as asked for, by drawing it", () => {
  const random = seeded(11);
  for (const [quantile, perSecond, backlog, serviceVariation] of [
    [0.9, 4, 100, 0],
    [0.95, 10, 0, 1],
    [0.99, 2, 300, 1],
  ] as const) {
    const serving = queue({ quantile, serviceVariation });
    const { demandPerSecond } = known(demandOf(serving, { backlog, ratePerSecond: perSecond }, none));
    const trials = 2500;
    let done = 0;
    for (let trial = 0; trial < trials; trial++) {
      const items = backlog + poisson(random, perSecond * 60);
      let work = items;
      if (serviceVariation > 0) {
        work = 0;
        for (let i = 0; i < items; i++) work += exponential(random, 1);
      }
      if (work <= demandPerSecond * 60) done++;
    }
    // Two standard errors of the draw, and the skew that the normal approximation leaves out.
    expect(done / trials).toBeGreaterThan(quantile - 2 * Math.sqrt((quantile * (1 - quantile)) / trials) - 0.01);
    expect(done / trials).toBeLessThan(quantile + 0.02);
  }
});

describe("a burst, cycle by cycle", () => {
  test("with the age of its oldest item it is gone in the drain time; each replica is asked for once", () => {
    fc.assert(
      fc.property(
        fc.record({
          burst: fc.integer({ min: 50, max: 5000 }),
          perSecond: fc.integer({ min: 0, max: 50 }),
          drainSeconds: fc.integer({ min: 60, max: 600 }),
          startShare: fc.double({ min: 0, max: 0.6, noNaN: true }),
          serviceSeconds: fc.double({ min: 0.05, max: 3, noNaN: true }),
        }),
        (run) => {
          const { lastServedAt, mostAsked, firstAsked } = drained(queue({ drainSeconds: run.drainSeconds }), {
            ...run,
            tellsAge: true,
          });
          expect(lastServedAt).toBeLessThanOrEqual(run.drainSeconds + 1);
          // Rounding to whole replicas, made up for in what is left.
          expect(mostAsked).toBeLessThanOrEqual(firstAsked * 1.05 + 2);
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });

  test("without the age a third of it is left", () => {
    const run = {
      burst: 600_000,
      perSecond: 0,
      drainSeconds: 300,
      startShare: 0,
      serviceSeconds: 0.05,
      tellsAge: false,
    };
    expect(drained(queue({ drainSeconds: 300 }), run).leftAtDrainTime / 600_000).toBeCloseTo(Math.exp(-1), 1);
    expect(drained(queue({ drainSeconds: 300 }), { ...run, tellsAge: true }).leftAtDrainTime).toBeLessThan(1);
  });
});

test("quantiles of the normal distribution", () => {
  for (const [p, z] of [
    [0.5, 0],
    [0.9, 1.2815515655],
    [0.95, 1.644853627],
    [0.99, 2.326347874],
    [0.999, 3.090232306],
    [0.01, -2.326347874],
    [0.0001, -3.719016485],
  ] as const) {
    expect(normalQuantile(p)).toBeCloseTo(z, 7);
  }
});
