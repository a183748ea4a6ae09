import { expect, test } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { planCycle, type Solved } from "../../src/app/live/cycle.ts";
import { rememberedCycle } from "../../src/app/live/remember.ts";
import { LiveSolver } from "../../src/app/live/solver.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import type { SignalValue, WorkloadSignals } from "../../src/snapshot/signals.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import { parseWorld, worldText } from "../../src/snapshot/world/codec.ts";
import type { World, WorldVariant } from "../../src/snapshot/world/types.ts";
import { world as anyWorld, demand, gold, NOW, node, pod, target, variant } from "../guard/world.ts";

const placement = inProcessPlacement(readDocumentText);
const solve = (snapshot: Snapshot): Promise<Solved> => new LiveSolver(placement).solve(snapshot, 2_000);

const world = (variants: WorldVariant[], changes: Partial<World> = {}): World =>
  anyWorld({ variants, targets: [target("a")], ...changes });

const PROFILE = {
  dialect: "continuous",
  baseMs: 20,
  perSequenceMs: 0.4,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 0,
  maxBatchSize: 64,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
  kvCacheTokens: 200_000,
} as const;

/** Cycles one after the other, each with the memory of the one before; `at` says what is different in each. */
async function cycles(first: World, count: number, stepMs: number, at: (i: number) => Partial<World>) {
  let memory = first.memory;
  let last: Awaited<ReturnType<typeof planCycle>> | undefined;
  for (let i = 0; i < count; i++) {
    const taken = { ...first, ...at(i), memory, takenAtMs: NOW + i * stepMs };
    // What a cycle knows must survive the file that it is recorded in.
    const recorded = parseWorld(JSON.parse(worldText(taken)));
    if (!recorded.ok) throw new Error(JSON.stringify(recorded.violations));
    last = await planCycle(recorded.value, solve);
    memory = rememberedCycle(last, new Map());
  }
  return last!;
}

const fresh = (value: number, quality: SignalValue["quality"] = "fresh"): SignalValue => ({
  quality,
  source: "prometheus",
  value,
  parts: { reporting: 1, expected: 1 },
});

test("a class that plans ahead is planned for the demand that is to come, and says what it follows from", async () => {
  const of = world([variant("a")], {
    classes: [gold({ demandQuantile: 0.9 })],
    targets: [target("a", { devicesPerReplica: 1 })],
  });
  const rates = (i: number) => 1 + 0.2 * i;
  const outcome = await cycles(of, 30, 30_000, (i) => ({
    demands: [demand("a", rates(i), { reportedAtMs: NOW + i * 30_000 })],
  }));
  const planned = outcome.resolved.demands.get("ns/a")!;
  // It rises by 0.2 every half minute, and a start takes 100 s.
  expect(planned.nowPerSecond).toBeCloseTo(rates(29));
  expect(planned.perSecond).toBeGreaterThan(rates(29));
  expect(planned.perSecond).toBeLessThan(2 * rates(29));
  expect(planned.basis).toMatch(/^6\.8 requests\/s now, [\d.]+ expected by \d\d:\d\d UTC \(p90, .+\)$/);
  expect(outcome.resolved.plannable.get("ns/a")!.capacityBasis).toBe("one replica is stated to hold 1");
  expect(outcome.decision.counts["ns/a"]).toBe(Math.min(8, Math.ceil(planned.perSecond)));
});

test("without a quantile the demand of now is planned for, and nothing of it is kept", async () => {
  const of = world([variant("a")]);
  const outcome = await cycles(of, 3, 30_000, (i) => ({
    demands: [demand("a", i, { reportedAtMs: NOW + i * 30_000 })],
  }));
  expect(outcome.resolved.demands.get("ns/a")).toMatchObject({ perSecond: 2, nowPerSecond: 2 });
  expect(outcome.world.memory.demands).toBeUndefined();
});

function told(
  signals: WorkloadSignals["signals"],
  pods: WorkloadSignals["targets"][number]["pods"] = [],
): World["signals"] {
  return [{ workload: "ns/a", signals, targets: [{ key: "ns/Deployment/a", signals, pods }] }];
}

test("where nobody reports, what the servers tell of arrivals is the demand; what is stale holds, what is partial does not shrink", async () => {
  const of = world([variant("a")], { pods: [pod("a", "p1")], targets: [target("a", { specReplicas: 1 })] });
  const planned = async (quality: SignalValue["quality"]) =>
    (await planCycle({ ...of, signals: told({ arrivalRate: fresh(1.5, quality) }) }, solve)).resolved.demands.get(
      "ns/a",
    );
  expect(await planned("fresh")).toMatchObject({ known: "all", perSecond: 1.5 });
  expect(await planned("partial")).toMatchObject({ known: "some", perSecond: 1.5 });
  expect(await planned("stale")).toMatchObject({ known: "none" });
  const held = await planCycle({ ...of, signals: told({ arrivalRate: fresh(0, "stale") }) }, solve);
  expect(held.decision.counts["ns/a"]).toBe(1);
});

test("a queue is worked off in time by as many workers as it takes", async () => {
  const serving: WorldVariant["serving"] = {
    kind: "queue",
    drainSeconds: 60,
    quantile: 0.5,
    arrivalDispersion: 1,
    serviceVariation: 0,
  };
  const { capacityPerSecond: _stated, ...worker } = variant("a", { serving, work: { serviceSeconds: 10 } });
  const of = world([worker], {
    targets: [target("a", { devicesPerReplica: 1 })],
    inventory: { known: true, nodes: [node("n1"), node("n2"), node("n3"), node("n4")] },
  });
  const signals = told({ queueLength: fresh(60), arrivalRate: fresh(0.5) });
  const outcome = await planCycle({ ...of, signals }, solve);
  const planned = outcome.resolved.demands.get("ns/a")!;
  expect(planned).toMatchObject({ known: "all", unit: "items" });
  // 60 items in the minute and 0.5/s more are 1.5/s; one worker does 0.1/s.
  expect(outcome.decision.counts["ns/a"]).toBeGreaterThanOrEqual(15);
  expect(outcome.decision.counts["ns/a"]).toBeLessThanOrEqual(20);
  const blind = await planCycle({ ...of, signals: told({}) }, solve);
  expect(blind.resolved.leftAlone.get("ns/a")?.code).toBe("CapacityUnknown");
});

test("a fixed count shares the devices like everybody else", async () => {
  const { capacityPerSecond: _stated, ...fixed } = variant("a", { serving: { kind: "fixed", replicas: 3 } });
  const of = world([fixed, variant("b", { demandPerSecond: 5 })], {
    targets: [target("a", { devicesPerReplica: 1 }), target("b", { devicesPerReplica: 1 })],
  });
  const outcome = await planCycle(of, solve);
  expect(outcome.decision.counts).toMatchObject({ "ns/a": 3, "ns/b": 5 });
});

test("the times of a profile are learned from what replicas do, and capacity follows; a frozen one stays", async () => {
  const slow = { ...PROFILE, baseMs: 40 };
  const signalsAt = (i: number) => {
    const batch = 8 + (i % 16);
    const promptPerSecond = 500 + 100 * (i % 5);
    const context = 100 * batch * 10;
    const times = slow.baseMs + slow.perSequenceMs * batch;
    // An iteration of t ms computes promptPerSecond · t / 1000 prompt tokens.
    const itlMs = times / (1 - (slow.perPromptTokenMs * promptPerSecond) / 1000);
    return {
      runningRequests: fresh(batch),
      requestRate: fresh(2),
      inputTokenRate: fresh(promptPerSecond),
      kvCacheUtilization: fresh(context / slow.kvCacheTokens),
      itl: { quality: "fresh" as const, parts: { reporting: 1, expected: 1 }, meanMs: itlMs, ratePerSecond: 50 },
    };
  };
  const of = (learning?: "frozen") => {
    const { capacityPerSecond: _stated, ...profiled } = variant("a", {
      profile: PROFILE,
      tokenMix: { inputTokens: 500, outputTokens: 200 },
      ...(learning === undefined ? {} : { learning }),
    });
    return world([profiled], {
      classes: [gold({ slo: { percentile: 0.9, itlMs: 60 } })],
      pods: [pod("a", "p1", { readyAtMs: NOW - 3_000_000 })],
      targets: [target("a", { specReplicas: 1 })],
    });
  };
  const run = (first: World) =>
    cycles(first, 40, 60_000, (i) => ({
      demands: [demand("a", 1, { reportedAtMs: NOW + i * 60_000 })],
      signals: told({}, [{ name: "p1", signals: signalsAt(i) }]),
    }));
  const learned = (await run(of())).resolved.plannable.get("ns/a")!;
  const frozen = (await run(of("frozen"))).resolved.plannable.get("ns/a")!;
  expect(learned.capacityBasis).toContain("as learned");
  expect(frozen.capacityBasis).not.toContain("as learned");
  expect(learned.capacityPerSecond).toBeLessThan(0.7 * frozen.capacityPerSecond);
});

test("a variant without a profile is planned from the load at which its replicas are saturated", async () => {
  const { capacityPerSecond: _stated, ...bare } = variant("a");
  const of = world([bare], { pods: [pod("a", "p1")], targets: [target("a", { specReplicas: 1 })] });
  const before = await planCycle({ ...of, demands: [demand("a", 2)] }, solve);
  expect(before.resolved.leftAlone.get("ns/a")?.code).toBe("CapacityUnknown");
  const outcome = await cycles(of, 60, 60_000, (i) => {
    const rate = 0.5 + 0.05 * (i % 20);
    const signals = {
      requestRate: fresh(rate),
      kvCacheUtilization: fresh(0.4 * rate),
      waitingRequests: fresh(0),
    };
    return {
      demands: [demand("a", 3, { reportedAtMs: NOW + i * 60_000 })],
      signals: told({}, [{ name: "p1", signals }]),
    };
  });
  const { capacityPerSecond, capacityBasis } = outcome.resolved.plannable.get("ns/a")!;
  // The cache would be used to 0.8 at 2/s; up to 1.45/s was served well.
  expect(capacityPerSecond).toBeGreaterThan(1.4);
  expect(capacityPerSecond).toBeLessThan(2.2);
  expect(capacityBasis).toMatch(/% sure/);
});

test("zero is decided: kept where a cold start breaks the target, let go where it does not, woken with one variant", async () => {
  const scaleToZero = { mode: "auto", idleSeconds: 60, keepWarmProbability: 0.5 } as const;
  const of = (ttftMs: number) =>
    world([variant("a", { scaleToZero, startSeconds: 30 })], {
      classes: [gold({ demandQuantile: 0.9, slo: { percentile: 0.95, ttftMs } })],
      pods: [pod("a", "p1", { readyAtMs: NOW - 3_570_000 })],
      targets: [target("a", { specReplicas: 1 })],
    });
  const busyThenIdle = (first: World) =>
    cycles(first, 30, 30_000, (i) => ({
      demands: [demand("a", i < 15 ? 0.5 : 0, { reportedAtMs: NOW + i * 30_000 })],
    }));
  expect((await busyThenIdle(of(60_000))).decision.counts["ns/a"]).toBe(0);
  expect((await busyThenIdle(of(500))).decision.counts["ns/a"]).toBe(1);

  const two = world(
    [
      variant("a", { scaleToZero, workload: "ns/w", startSeconds: 600 }),
      variant("b", { workload: "ns/w", startSeconds: 20, costPerHour: 40 }),
    ],
    {
      classes: [gold({ slo: { percentile: 0.95, ttftMs: 30_000 } })],
      targets: [target("a"), target("b")],
      demands: [demand("w", 0.5)],
    },
  );
  const woken = await planCycle(two, solve);
  expect(woken.decision.counts).toMatchObject({ "ns/a": 0, "ns/b": 1 });
  expect(woken.bounds.get("ns/b")?.notes.map(({ code }) => code)).toContain("WokenFirst");
});
