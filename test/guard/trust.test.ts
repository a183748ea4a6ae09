import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recommendationBounds } from "../../src/guard/bounds.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { EMPTY_MEMORY, type Memory } from "../../src/snapshot/world/memory.ts";
import type { World, WorldPod } from "../../src/snapshot/world/types.ts";
import { demand, NOW, pod, target, variant, waiting, world, worldOf } from "./world.ts";

const REFUSED = { unschedulable: "Insufficient nvidia.com/gpu" };
const MINUTE = 60_000;

/** Two variants `a` and `b` of one size on one pool. */
function twoVariants(pods: WorldPod[], asked: { a: number; b: number }, changes: Partial<World> = {}): World {
  return world({
    pods,
    targets: [target("a", { specReplicas: asked.a }), target("b", { specReplicas: asked.b })],
    variants: [variant("a"), variant("b")],
    demands: [demand("a", 9), demand("b", 9)],
    ...changes,
  });
}

function boundsOf(w: World) {
  const { world: observed, states, resolved } = observedWorld(w);
  return { memory: observed.memory, bounds: recommendationBounds(observed, states, resolved) };
}

const at = (w: World, atMs: number, memory: Memory, changes: Partial<World> = {}): World => ({
  ...w,
  takenAtMs: atMs,
  demands: w.demands.map((d) => ({ ...d, reportedAtMs: atMs })),
  memory: { ...memory, lastCycleAtMs: atMs - 15_000 },
  ...changes,
});

describe("trust in a pool and size", () => {
  const stuck = [pod("a", "p1"), waiting("a", "p2", 2 * MINUTE, REFUSED)];

  test("is kept until the timeout, and no replica is asked for twice meanwhile", () => {
    const { memory, bounds } = boundsOf(worldOf([pod("a", "p1"), waiting("a", "p2", MINUTE, REFUSED)], 2));
    expect(memory.trust).toEqual({});
    expect(bounds.get("ns/a")).toMatchObject({ current: 2, asked: 2 });
  });

  test("is lost after the timeout: the row has the capacity of what runs", () => {
    const { memory, bounds } = boundsOf(twoVariants([...stuck, pod("b", "q1", { node: "n2" })], { a: 2, b: 1 }));
    expect(memory.trust["h100/4"]).toMatchObject({
      lostAtMs: NOW,
      probeAtMs: NOW + 300_000,
      failures: 0,
      scheduled: 2,
    });
    expect(bounds.get("ns/a")).toMatchObject({ maxReplicas: 1, current: 1 });
    expect(bounds.get("ns/b")).toMatchObject({ maxReplicas: 1 });
    expect(bounds.get("ns/a")?.notes.map(({ code }) => code)).toContain("TrustLost");
  });

  test("another size of the pool keeps it", () => {
    const w = twoVariants(stuck, { a: 2, b: 0 });
    const other = { ...w, targets: [w.targets[0]!, target("b", { devicesPerReplica: 2 })] };
    expect(boundsOf(other).bounds.get("ns/b")?.maxReplicas).toBe(Number.POSITIVE_INFINITY);
  });

  test("is probed with one more replica, of one variant, with exponential back-off", () => {
    let { memory } = boundsOf(worldOf(stuck, 2));
    const quiet = worldOf([pod("a", "p1")], 1);
    const early = boundsOf(at(quiet, NOW + 299_000, memory));
    expect(early.bounds.get("ns/a")?.maxReplicas).toBe(1);
    const due = boundsOf(at(quiet, NOW + 300_000, memory));
    expect(due.memory.trust["h100/4"]).toMatchObject({ probing: true, scheduled: 1 });
    expect(due.bounds.get("ns/a")?.maxReplicas).toBe(2);
    // The probe was asked for and not created yet: nothing more.
    const inFlight = boundsOf(at(worldOf([pod("a", "p1")], 2), NOW + 315_000, due.memory));
    expect(inFlight.bounds.get("ns/a")).toMatchObject({ maxReplicas: 2, current: 2 });
    // Refused, and overdue: twice as long until the next.
    const failedAt = NOW + 450_000;
    const failedPods = [pod("a", "p1"), waiting("a", "p3", 0, { ...REFUSED, createdAtMs: NOW + 320_000 })];
    const failed = boundsOf(at(worldOf(failedPods, 2), failedAt, inFlight.memory));
    expect(failed.memory.trust["h100/4"]).toMatchObject({ probing: false, failures: 1, probeAtMs: failedAt + 600_000 });
    expect(failed.bounds.get("ns/a")?.maxReplicas).toBe(1);
    memory = failed.memory;
    const again = boundsOf(at(quiet, failedAt + 600_000, memory));
    expect(again.bounds.get("ns/a")?.maxReplicas).toBe(2);
  });

  test("returns when more replicas have nodes than before", () => {
    const { memory } = boundsOf(worldOf(stuck, 2));
    const placed = boundsOf(at(worldOf([pod("a", "p1"), pod("a", "p2")], 2), NOW + MINUTE, memory));
    expect(placed.memory.trust).toEqual({});
    expect(placed.bounds.get("ns/a")?.maxReplicas).toBe(Number.POSITIVE_INFINITY);
  });

  test("does not return while another replica is still refused", () => {
    const two = [...stuck, waiting("a", "p3", 2 * MINUTE, REFUSED)];
    const { memory } = boundsOf(worldOf(two, 3));
    const half = [pod("a", "p1"), pod("a", "p2"), waiting("a", "p3", 2 * MINUTE, REFUSED)];
    const later = boundsOf(at(worldOf(half, 3), NOW + MINUTE, memory));
    expect(later.memory.trust["h100/4"]).toMatchObject({ scheduled: 2, lostAtMs: NOW });
    expect(later.bounds.get("ns/a")?.maxReplicas).toBe(2);
  });

  test("probes take turns among the variants that want more, the most important first", () => {
    const record = { lostAtMs: NOW - 9_000_000, failures: 3, reason: "no", probing: true, scheduled: 0 };
    const probed = (sinceMs: number, idle: string[] = []) => {
      const trust = { "h100/4": { ...record, probeAtMs: NOW - sinceMs } };
      const w = twoVariants([], { a: 0, b: 0 }, { memory: { ...EMPTY_MEMORY, trust } });
      const { bounds } = boundsOf({ ...w, demands: ["a", "b"].map((n) => demand(n, idle.includes(n) ? 0 : 9)) });
      return [bounds.get("ns/a")?.maxReplicas, bounds.get("ns/b")?.maxReplicas];
    };
    expect([probed(0), probed(300_000), probed(600_000)]).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(probed(0, ["a"])).toEqual([0, 1]);
  });

  test("a node on its way is no refusal", () => {
    const coming = waiting("a", "p2", 5 * MINUTE, { ...REFUSED, nodeComing: true });
    const { memory, bounds } = boundsOf(worldOf([pod("a", "p1"), coming], 2));
    expect(memory.trust).toEqual({});
    expect(bounds.get("ns/a")?.current).toBe(2);
  });
});

test("a scheduler that refuses everything is never asked for more than one replica at a time, once trust is lost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ stepMs: fc.integer({ min: 1_000, max: 600_000 }), greedy: fc.boolean() }), {
        minLength: 5,
        maxLength: 40,
      }),
      (steps) => {
        let memory: Memory = EMPTY_MEMORY;
        let now = NOW;
        let asked = { a: 3, b: 2 };
        // Pods that exist: created when asked for, refused by the next look, gone when no longer asked for.
        let born: { of: "a" | "b"; atMs: number }[] = [];
        let serial = 0;
        for (const { stepMs, greedy } of steps) {
          now += stepMs;
          for (const of of ["a", "b"] as const) {
            const own = born.filter((p) => p.of === of);
            const kept = own.slice(0, asked[of]);
            const fresh = Array.from({ length: asked[of] - kept.length }, () => ({ of, atMs: now - 1 }));
            born = [...born.filter((p) => p.of !== of), ...kept, ...fresh];
          }
          const pods = born.map(({ of, atMs }) => waiting(of, `p${serial++}`, 0, { ...REFUSED, createdAtMs: atMs }));
          const seen = at(twoVariants(pods, asked), now, memory);
          const { memory: next, bounds } = boundsOf(seen);
          const most = [bounds.get("ns/a")!.maxReplicas, bounds.get("ns/b")!.maxReplicas];
          if (next.trust["h100/4"] !== undefined) expect(most[0]! + most[1]!).toBeLessThanOrEqual(1);
          memory = next;
          const want = greedy ? 3 : 1;
          asked = { a: Math.min(want, most[0]!), b: Math.min(want, most[1]!) };
        }
      },
    ),
    { numRuns: 60 },
  );
});
