import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behavedBounds, recommendationBounds } from "../../src/guard/bounds.ts";
import type { VariantBounds } from "../../src/guard/bounds-layers.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import type { VariantMemory } from "../../src/snapshot/world/memory.ts";
import type { World, WorldDemand, WorldOverride } from "../../src/snapshot/world/types.ts";
import {
  demand,
  FREE,
  NOW,
  override,
  pod,
  policy,
  remembered,
  starting,
  target,
  variant,
  waiting,
  world,
  worldOf,
} from "./world.ts";

const A = { kind: "variant", name: "ns/a" } as const;
const POOL = { kind: "pool", name: "h100" } as const;

function boundsOf(w: World, name = "ns/a"): VariantBounds {
  const { world: observed, states, resolved } = observedWorld(w);
  const bounds = recommendationBounds(observed, states, resolved).get(name);
  if (bounds === undefined) throw new Error(`no bounds of ${name}`);
  return bounds;
}

const codes = (bounds: VariantBounds) => bounds.notes.map(({ code }) => code);
const memoryOf = (changes: Parameters<typeof remembered>[0]) => ({
  revision: 3,
  lastCycleAtMs: NOW - 15_000,
  trust: {},
  variants: { "ns/a": remembered(changes) },
});
const two = [pod("a", "p1"), pod("a", "p2")];
const range = ({ minReplicas, maxReplicas, leaveAlone }: VariantBounds) => [minReplicas, maxReplicas, leaveAlone];

describe("policy and data", () => {
  test("its own minimum and maximum", () => {
    const w = worldOf(two, 2, { variants: [variant("a", { minReplicas: 1, maxReplicas: 7 })] });
    expect(range(boundsOf(w))).toEqual([1, 7, false]);
  });

  test("to zero only where its minimum is 0 and no demand is known", () => {
    expect(range(boundsOf(worldOf(two, 2, { demands: [demand("a", 0)] })))).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      false,
    ]);
    const floored = worldOf(two, 2, { demands: [demand("a", 0)], variants: [variant("a", { minReplicas: 1 })] });
    expect(boundsOf(floored).minReplicas).toBe(1);
    expect(codes(boundsOf(floored))).toContain("KeptAboveZero");
  });

  test.each([
    ["no report at all", []],
    ["a stale report", [demand("a", 0, { reportedAtMs: NOW - 61_000 })]],
    ["a report from the future", [demand("a", 0, { reportedAtMs: NOW + 3_600_000 })]],
  ])("%s: it keeps what it has", (_, demands) => {
    const bounds = boundsOf(worldOf(two, 2, { demands }));
    expect(range(bounds)).toEqual([2, 2, true]);
    expect(codes(bounds)).toContain("DemandUnknown");
  });

  test("demand that the resource states is known", () => {
    const w = worldOf(two, 2, { demands: [], variants: [variant("a", { demandPerSecond: 0 })] });
    expect(range(boundsOf(w))).toEqual([0, Number.POSITIVE_INFINITY, false]);
  });

  test("one of two sources stale: it may grow, and does not shrink", () => {
    const demands = [demand("a", 1), demand("a", 5, { source: "other", reportedAtMs: 0 })];
    const bounds = boundsOf(worldOf(two, 2, { demands }));
    expect(range(bounds)).toEqual([2, Number.POSITIVE_INFINITY, false]);
    expect(bounds.neverShrink).toBe(true);
  });

  test("without data it still rises to its own floor", () => {
    const w = worldOf(two, 2, { demands: [], variants: [variant("a", { minReplicas: 4 })] });
    expect(range(boundsOf(w))).toEqual([4, 4, false]);
  });
});

describe("overrides", () => {
  const free = Number.POSITIVE_INFINITY;
  test.each<[string, WorldOverride[], [number, number, boolean]]>([
    ["pin", [override("o", { type: "pin", replicas: 9 }, A)], [9, 9, false]],
    ["pin to 0", [override("o", { type: "pin", replicas: 0 }, A)], [0, 0, false]],
    ["floor", [override("o", { type: "floor", replicas: 4 }, A)], [4, free, false]],
    ["ceiling of 0", [override("o", { type: "ceiling", replicas: 0 }, A)], [0, 0, false]],
    ["freeze", [override("o", { type: "freeze" }, A)], [2, 2, true]],
    ["exclude", [override("o", { type: "exclude" }, A)], [0, 0, false]],
    ["drain of its pool", [override("o", { type: "drain" }, POOL)], [0, 0, false]],
    ["expired", [override("o", { type: "pin", replicas: 9 }, A, { expiresAtMs: NOW })], [0, free, false]],
    ["of another", [override("o", { type: "exclude" }, { kind: "variant", name: "ns/b" })], [0, free, false]],
    [
      "the newest pin stands",
      [
        override("new", { type: "pin", replicas: 5 }, A, { createdAtMs: NOW - 1 }),
        override("old", { type: "pin", replicas: 9 }, A, { createdAtMs: NOW - 2 }),
      ],
      [5, 5, false],
    ],
    [
      "exclude stands above a newer pin",
      [
        override("x", { type: "exclude" }, A, { createdAtMs: NOW - 9 }),
        override("p", { type: "pin", replicas: 3 }, A, { createdAtMs: NOW - 1 }),
      ],
      [0, 0, false],
    ],
    [
      "a ceiling gives way to a newer floor",
      [
        override("c", { type: "ceiling", replicas: 2 }, A, { createdAtMs: NOW - 9 }),
        override("f", { type: "floor", replicas: 4 }, A, { createdAtMs: NOW - 1 }),
      ],
      [4, 4, false],
    ],
    [
      "a floor gives way to a newer ceiling",
      [
        override("f", { type: "floor", replicas: 4 }, A, { createdAtMs: NOW - 9 }),
        override("c", { type: "ceiling", replicas: 2 }, A, { createdAtMs: NOW - 1 }),
      ],
      [2, 2, false],
    ],
  ])("%s", (_, overrides, expected) => {
    expect(range(boundsOf(worldOf(two, 2, { overrides })))).toEqual(expected);
  });

  test("stand above policy and missing data, and name who and why", () => {
    const overrides = [override("o", { type: "pin", replicas: 1 }, A, { author: "ann", reason: "night" })];
    const bounds = boundsOf(worldOf(two, 2, { demands: [], overrides, variants: [variant("a", { minReplicas: 2 })] }));
    expect(range(bounds)).toEqual([1, 1, false]);
    expect(bounds.neverShrink).toBe(false);
    expect(bounds.notes.find(({ code }) => code === "OverridePin")?.sentence).toMatch(/ann: night/);
  });

  test("what is set aside is named", () => {
    const overrides = [override("f", { type: "floor", replicas: 4 }, A), override("x", { type: "exclude" }, A)];
    const note = boundsOf(worldOf(two, 2, { overrides })).notes.find(({ code }) => code === "OverrideSuperseded");
    expect(note?.sentence).toBe("override f (floor) is set aside by x (exclude)");
  });

  test("never above physics: a pin is lowered to what an untrusted pool runs", () => {
    const refused = waiting("a", "p3", 600_000, { unschedulable: "Insufficient nvidia.com/gpu" });
    const overrides = [override("o", { type: "pin", replicas: 3 }, A)];
    const bounds = boundsOf(worldOf([...two, refused], 3, { overrides }));
    expect(range(bounds)).toEqual([2, 2, false]);
    expect(codes(bounds)).toEqual(expect.arrayContaining(["OverridePin", "TrustLost", "FloorLowered"]));
  });
});

describe("who else decides", () => {
  test("a target that another autoscaler owns is left alone and reported", () => {
    const targets = [target("a", { specReplicas: 2, ownedBy: "HorizontalPodAutoscaler ns/a" })];
    const overrides = [override("o", { type: "pin", replicas: 9 }, A)];
    const bounds = boundsOf(worldOf(two, 2, { targets, overrides }));
    expect(range(bounds)).toEqual([2, 2, true]);
    expect(bounds.notes.find(({ code }) => code === "OwnedByOther")?.sentence).toMatch(/HorizontalPodAutoscaler ns\/a/);
  });

  test("suspended, missing, unusable: left alone", () => {
    expect(range(boundsOf(worldOf(two, 2, { variants: [variant("a", { suspended: true })] })))).toEqual([2, 2, true]);
    const missing = boundsOf(worldOf([], 2, { targets: [target("a", { found: false })] }));
    expect([missing.leaveAlone, ...codes(missing)]).toEqual([true, "TargetMissing"]);
    const unusable = boundsOf(worldOf(two, 2, { targets: [target("a", { specReplicas: 2, problem: "forbidden" })] }));
    expect([...range(unusable), ...codes(unusable)]).toEqual([2, 2, true, "TargetUnusable"]);
  });

  test("a person's kubectl scale stands for the configured time, and is not seen again after it", () => {
    const scaled = (atMs: number, manager = "kubectl-scale") => ({
      targets: [target("a", { specReplicas: 2, scaledBy: { manager, atMs } })],
      memory: memoryOf({ asked: { replicas: 5, atMs: NOW - 3_600_000 } }),
    });
    const bounds = boundsOf(worldOf(two, 2, scaled(NOW - 60_000)));
    expect(range(bounds)).toEqual([2, 2, false]);
    expect(codes(bounds)).toContain("ManualPin");
    expect(boundsOf(worldOf(two, 2, scaled(NOW - 1_800_000))).behaves).toBe(true);
    expect(boundsOf(worldOf(two, 2, scaled(NOW - 60_000, "apportion"))).behaves).toBe(true);
  });

  test("a kubectl scale without a time counts from when it is seen, once", () => {
    const scaled = (replicas: number, manualPin?: VariantMemory["manualPin"]) => ({
      targets: [target("a", { specReplicas: replicas, scaledBy: { manager: "kubectl", atMs: 0 } })],
      memory: memoryOf({
        asked: { replicas: 5, atMs: NOW - 3_600_000 },
        ...(manualPin === undefined ? {} : { manualPin }),
      }),
    });
    expect(codes(boundsOf(worldOf(two, 2, scaled(2))))).toContain("ManualPin");
    expect(boundsOf(worldOf(two, 5, scaled(5))).behaves).toBe(true);
    const over = { replicas: 2, untilMs: NOW - 1, manager: "kubectl" };
    expect(boundsOf(worldOf(two, 2, scaled(2, over))).behaves).toBe(true);
    expect(codes(boundsOf(worldOf(two, 3, scaled(3, over))))).toContain("ManualPin");
  });

  test("the first kubectl scale of a target that this service never wrote stands, if it came after it was first seen", () => {
    const seen = (replicas: number, changes: Partial<VariantMemory> = {}) =>
      memoryOf({ seen: { replicas, atMs: NOW - 60_000 }, ...changes });
    const scaled = (atMs: number, manager = "kubectl") => [
      target("a", { specReplicas: 2, scaledBy: { manager, atMs } }),
    ];
    for (const atMs of [0, NOW - 30_000]) {
      expect(codes(boundsOf(worldOf(two, 2, { targets: scaled(atMs), memory: seen(1) })))).toContain("ManualPin");
      expect(boundsOf(worldOf(two, 2, { targets: scaled(atMs), memory: seen(2) })).behaves).toBe(true);
      expect(boundsOf(worldOf(two, 2, { targets: scaled(atMs) })).behaves).toBe(true);
    }
    expect(boundsOf(worldOf(two, 2, { targets: scaled(NOW - 90_000), memory: seen(1) })).behaves).toBe(true);
    expect(boundsOf(worldOf(two, 2, { targets: scaled(0, "apportion"), memory: seen(1) })).behaves).toBe(true);
  });

  test("in a mode that writes nothing, whoever scales follows the plan: that is no pin, nor when the mode changes", () => {
    const targets = [target("a", { specReplicas: 2, scaledBy: { manager: "controller", atMs: 0 } })];
    const memory = memoryOf({ seen: { replicas: 1, atMs: NOW - 60_000 } });
    const recommend = worldOf(two, 2, { targets, memory, policy: policy({ mode: "recommend" }) });
    expect(boundsOf(recommend).behaves).toBe(true);
    const after = observedWorld(recommend).world.memory;
    expect(after.variants["ns/a"]?.seen).toEqual({ replicas: 2, atMs: NOW });
    expect(boundsOf(worldOf(two, 2, { targets, memory: after })).behaves).toBe(true);
  });

  test("a target that is handed to KEDA is planned like any other, and said to be handed over", () => {
    const targets = [target("a", { specReplicas: 2, handedTo: "ScaledObject ns/a" })];
    const bounds = boundsOf(worldOf(two, 2, { targets }));
    expect(range(bounds)).toEqual([0, Number.POSITIVE_INFINITY, false]);
    expect(bounds.handed).toBe(true);
    expect(codes(bounds)).toEqual(["HandedToKeda"]);
  });

  test("an override stands above a kubectl scale", () => {
    const memory = memoryOf({ manualPin: { replicas: 2, untilMs: NOW + 1000, manager: "kubectl" } });
    const overrides = [override("o", { type: "pin", replicas: 4 }, A)];
    expect(range(boundsOf(worldOf(two, 2, { memory, overrides })))).toEqual([4, 4, false]);
  });
});

describe("quarantine", () => {
  const failing = [...two, starting("a", "p3", 5_000, { failing: "CrashLoopBackOff" })];

  test("what is ready stays, what fails is not asked for again", () => {
    const bounds = boundsOf(worldOf(failing, 3, { variants: [variant("a", { minReplicas: 3 })] }));
    expect(range(bounds)).toEqual([2, 2, false]);
    expect(codes(bounds)).toEqual(["Quarantined", "FloorLowered"]);
  });

  test("lasts twice as long each time, and is forgotten after a quiet time", () => {
    const first = observedWorld(worldOf(failing, 3)).world.memory.variants["ns/a"]?.quarantine;
    expect(first).toEqual({ untilMs: NOW + 60_000, times: 1, reason: "CrashLoopBackOff" });
    const over = { quarantine: { untilMs: NOW, times: 2, reason: "x" } };
    const again = observedWorld(worldOf(failing, 3, { memory: memoryOf(over) })).world.memory.variants["ns/a"];
    expect(again?.quarantine).toMatchObject({ untilMs: NOW + 240_000, times: 3 });
    const quiet = { quarantine: { untilMs: NOW - 120_000, times: 2, reason: "x" } };
    const healed = observedWorld(worldOf(two, 2, { memory: memoryOf(quiet) })).world.memory.variants["ns/a"];
    expect(healed?.quarantine).toBeUndefined();
  });

  test("a person may insist", () => {
    const overrides = [override("o", { type: "pin", replicas: 3 }, A)];
    expect(range(boundsOf(worldOf(failing, 3, { overrides })))).toEqual([3, 3, false]);
  });
});

describe("behavior, before the second solve", () => {
  const slow = { ...FREE, scaleDown: { ...FREE.scaleDown, stabilizationWindowSeconds: 300 } };
  const behaved = (w: World, replicas: number) => {
    const { world: observed, states, resolved } = observedWorld(w);
    return behavedBounds(observed, states, resolved, new Map([["ns/a", replicas]]));
  };
  const w = worldOf(two, 2, {
    variants: [variant("a", { behavior: slow })],
    memory: memoryOf({ recommendations: [{ atMs: NOW - 60_000, replicas: 2 }] }),
  });

  test("a recommendation inside the interval stands", () => {
    expect(behaved(w, 5)).toMatchObject({ limited: [] });
  });

  test("one outside is named, with the interval and why", () => {
    const { limited, bounds } = behaved(w, 0);
    expect(limited).toEqual(["ns/a"]);
    expect(bounds.get("ns/a")).toMatchObject({ minReplicas: 2, maxReplicas: Number.POSITIVE_INFINITY });
    expect(bounds.get("ns/a")?.notes.map(({ code }) => code)).toEqual(["ScaleDownStabilized"]);
  });

  test("its own minimum and maximum stand above behavior", () => {
    const raised = { ...w, variants: [variant("a", { behavior: slow, minReplicas: 4, maxReplicas: 6 })] };
    expect(behaved(raised, 4).limited).toEqual([]);
  });

  test("a change within the tolerance is no change", () => {
    const tolerant = { ...FREE, scaleUp: { ...FREE.scaleUp, tolerance: 0.5 } };
    const { limited, bounds } = behaved({ ...w, variants: [variant("a", { behavior: tolerant })] }, 3);
    expect(limited).toEqual(["ns/a"]);
    expect(bounds.get("ns/a")).toMatchObject({ minReplicas: 2, maxReplicas: 2 });
  });
});

const anyOverride: fc.Arbitrary<WorldOverride> = fc
  .tuple(
    fc.nat(1000),
    fc.oneof(
      fc.record({
        type: fc.constantFrom("pin" as const, "floor" as const, "ceiling" as const),
        replicas: fc.integer({ min: 0, max: 9 }),
      }),
      fc.record({ type: fc.constantFrom("freeze" as const, "exclude" as const) }),
    ),
  )
  .map(([age, action]) => override(`o${age}`, action, A, { createdAtMs: NOW - age }));

const anyPods = fc.array(
  fc.constantFrom(
    (i: number) => pod("a", `p${i}`),
    (i: number) => starting("a", `p${i}`, 5_000),
    (i: number) => starting("a", `p${i}`, 900_000),
    (i: number) => starting("a", `p${i}`, 5_000, { failing: "OOMKilled" }),
    (i: number) => waiting("a", `p${i}`, 5_000, { unschedulable: "no" }),
    (i: number) => waiting("a", `p${i}`, 900_000, { unschedulable: "no" }),
    (i: number) => waiting("a", `p${i}`, 900_000, { nodeComing: true }),
  ),
  { maxLength: 6 },
);

const anyDemands = fc.constantFrom<WorldDemand[][]>(
  [],
  [demand("a", 0)],
  [demand("a", 3)],
  [demand("a", 3, { reportedAtMs: 0 })],
  [demand("a", 0), demand("a", 3, { source: "s", reportedAtMs: 0 })],
);

const anyWorld = fc
  .record({
    pods: anyPods.map((makers) => makers.map((make, i) => make(i))),
    asked: fc.integer({ min: 0, max: 8 }),
    min: fc.integer({ min: 0, max: 4 }),
    max: fc.option(fc.integer({ min: 4, max: 8 }), { nil: undefined }),
    overrides: fc.uniqueArray(anyOverride, { maxLength: 3, selector: ({ id }) => id }),
    demands: anyDemands,
    ownedBy: fc.option(fc.constant("HorizontalPodAutoscaler ns/a"), { nil: undefined }),
    suspended: fc.boolean(),
    recommended: fc.integer({ min: 0, max: 12 }),
    window: fc.constantFrom(0, 300),
  })
  .map((it) => {
    const scaleDown = { ...FREE.scaleDown, stabilizationWindowSeconds: it.window };
    const w = world({
      pods: it.pods,
      policy: policy(),
      targets: [target("a", { specReplicas: it.asked, ownedBy: it.ownedBy })],
      variants: [
        variant("a", {
          minReplicas: it.min,
          maxReplicas: it.max,
          suspended: it.suspended,
          behavior: { ...FREE, scaleDown },
        }),
      ],
      demands: it.demands,
      overrides: it.overrides,
    });
    return { w, it };
  });

test("bounds are always an interval of whole replicas, in both solves", () => {
  fc.assert(
    fc.property(anyWorld, ({ w, it }) => {
      const { world: observed, states, resolved } = observedWorld(w);
      const first = recommendationBounds(observed, states, resolved);
      const second = behavedBounds(observed, states, resolved, new Map([["ns/a", it.recommended]])).bounds;
      for (const bounds of [first.get("ns/a")!, second.get("ns/a")!]) {
        expect(Number.isInteger(bounds.minReplicas)).toBe(true);
        expect(bounds.minReplicas).toBeGreaterThanOrEqual(0);
        expect(bounds.maxReplicas).toBeGreaterThanOrEqual(bounds.minReplicas);
      }
    }),
  );
});

test("without all of the demand, and without a person's word, nothing is planned below what supplies", () => {
  fc.assert(
    fc.property(anyWorld, ({ w }) => {
      fc.pre(w.overrides.length === 0);
      fc.pre(w.demands.length === 0 || w.demands.some(({ reportedAtMs }) => reportedAtMs === 0));
      const bounds = boundsOf(w);
      const { states } = observedWorld(w);
      const { ready, starting: onItsWay } = states.get("ns/a")!;
      expect(bounds.minReplicas).toBeGreaterThanOrEqual(Math.min(ready + onItsWay, bounds.maxReplicas));
      expect(bounds.maxReplicas).toBeGreaterThanOrEqual(ready + onItsWay);
      expect(bounds.neverShrink || bounds.leaveAlone).toBe(true);
    }),
  );
});
