import { expect, test } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { planCycle } from "../../src/app/live/cycle.ts";
import { LiveSolver } from "../../src/app/live/solver.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import { observedDemand } from "../../src/plan/demand/forecasted.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import { EMPTY_MEMORY } from "../../src/snapshot/world/memory.ts";
import type { Behavior, World } from "../../src/snapshot/world/types.ts";
import { demand, FREE, gold, NOW, node, pod, remembered, target, variant, world } from "../guard/world.ts";

const placement = inProcessPlacement(readDocumentText);
const solve = (snapshot: Snapshot) => new LiveSolver(placement).solve(snapshot, 2_000);

const WINDOW: Behavior = { ...FREE, scaleDown: { ...FREE.scaleDown, stabilizationWindowSeconds: 300 } };

/** `batch` holds all eight devices of the one node, and asked for as many a minute ago. */
function full(batchPerSecond: number): World {
  return world({
    inventory: { known: true, nodes: [node("n1")] },
    classes: [gold({ name: "premium", priority: 0 }), gold({ name: "batch", priority: 10 })],
    variants: [
      variant("a", { serviceClass: "premium", behavior: WINDOW }),
      variant("b", { serviceClass: "batch", behavior: WINDOW }),
    ],
    targets: [target("a", { devicesPerReplica: 1 }), target("b", { devicesPerReplica: 1, specReplicas: 8 })],
    pods: Array.from({ length: 8 }, (_, i) => pod("b", `b${i}`, { devices: { "nvidia.com/gpu": 1 } })),
    demands: [demand("a", 3), demand("b", batchPerSecond)],
    memory: {
      ...EMPTY_MEMORY,
      revision: 7,
      lastCycleAtMs: NOW - 15_000,
      variants: { "ns/b": remembered({ recommendations: [{ atMs: NOW - 60_000, replicas: 8 }] }) },
    },
  });
}

test("a window for scaling down gives way to a higher class that is short, and says so", async () => {
  const outcome = await planCycle(full(8), solve);
  expect(outcome.decision.counts).toMatchObject({ "ns/a": 3, "ns/b": 5 });
  expect(outcome.bounds.get("ns/b")!.notes.map(({ code }) => code)).toContain("GivesWay");
});

test("and holds where nobody needs what it keeps", async () => {
  const alone = full(2);
  const outcome = await planCycle({ ...alone, demands: [demand("a", 0), demand("b", 2)] }, solve);
  expect(outcome.decision.counts).toMatchObject({ "ns/b": 8 });
  expect(outcome.bounds.get("ns/b")!.notes.map(({ code }) => code)).toContain("ScaleDownStabilized");
});

/** `a`, whose class plans ahead, has asked for more in every half minute; `b` needs what is left of eight devices. */
function rising(rateOfB: number): World {
  const ahead = { horizonMs: 120_000, quantile: 0.99 };
  let state: unknown;
  for (let i = 0; i < 40; i++) {
    const seen = { atMs: NOW - (40 - i) * 30_000, ratePerSecond: 1 + (i % 2 === 0 ? 2 : 0) + i / 40 };
    state = observedDemand(state, seen, ahead);
  }
  return world({
    inventory: { known: true, nodes: [node("n1")] },
    classes: [gold({ name: "premium", priority: 0, demandQuantile: 0.99 }), gold({ name: "batch", priority: 10 })],
    variants: [variant("a", { serviceClass: "premium" }), variant("b", { serviceClass: "batch" })],
    targets: [target("a", { devicesPerReplica: 1 }), target("b", { devicesPerReplica: 1 })],
    demands: [demand("a", 2), demand("b", rateOfB)],
    memory: { ...EMPTY_MEMORY, demands: { "ns/a": state } },
  });
}

test("headroom of a higher class comes after what a lower one needs now", async () => {
  const roomy = await planCycle(rising(1), solve);
  expect(roomy.decision.counts["ns/a"]).toBeGreaterThan(2);
  const scarce = await planCycle(rising(6), solve);
  expect(scarce.decision.counts).toMatchObject({ "ns/a": 2, "ns/b": 6 });
  const untilMs = scarce.world.memory.presentUntilMs!;
  expect(untilMs).toBe(NOW + 300_000);
  // For a while it stays so, also where there would be room again; then it is tried anew.
  const after = (takenAtMs: number) => {
    const { memory } = scarce.world;
    const demands = [demand("a", 2, { reportedAtMs: takenAtMs }), demand("b", 1, { reportedAtMs: takenAtMs })];
    return planCycle({ ...rising(1), demands, takenAtMs, memory: { ...memory, lastCycleAtMs: NOW } }, solve);
  };
  expect((await after(untilMs - 1)).decision.counts["ns/a"]).toBe(2);
  const later = await after(untilMs);
  expect(later.world.memory.presentUntilMs).toBeUndefined();
  expect(later.decision.counts["ns/a"]).toBeGreaterThan(2);
  expect(scarce.resolved.demands.get("ns/a")!.basis).toMatch(
    /devices are too few for what all ask now, so 2 is planned for$/,
  );
});

test("headroom stays where whoever is short is not short because of it", async () => {
  const { variants, ...rest } = rising(6);
  // `b` may have no more than two replicas, whatever is free.
  const capped = variants.map((own) => (own.key === "ns/b" ? { ...own, maxReplicas: 2 } : own));
  const outcome = await planCycle({ ...rest, variants: capped }, solve);
  expect(outcome.decision.counts["ns/a"]).toBeGreaterThan(2);
  expect(outcome.decision.counts["ns/b"]).toBe(2);
});
