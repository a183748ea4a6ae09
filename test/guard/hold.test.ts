import { describe, expect, test } from "vitest";
import { holdReason } from "../../src/guard/hold.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { NOW, node, pod, remembered, waiting, world, worldOf } from "./world.ts";

const memory = (lastCycleAtMs: number) => ({ revision: 7, lastCycleAtMs, variants: {}, trust: {} });

test.each([
  ["the first cycle of all", world(), undefined],
  ["a cycle as any other", world({ memory: memory(NOW - 15_000) }), undefined],
  ["a clock that is slewed", world({ memory: memory(NOW + 900) }), undefined],
  ["a clock that went back", world({ memory: memory(NOW + 3_600_000) }), "ClockJump"],
  ["a clock that went ahead, or a long silence", world({ memory: memory(NOW - 3_700_000) }), "ClockJump"],
  ["a clock unlike the cluster's", world({ clusterTimeMs: NOW - 3_600_000 }), "ClockSkew"],
  ["a clock like the cluster's", world({ clusterTimeMs: NOW - 2_000 }), undefined],
  [
    "unknown inventory",
    world({ inventory: { known: false, reason: "nodes: forbidden", nodes: [] } }),
    "InventoryUnknown",
  ],
])("%s", (_, w, code) => {
  expect(holdReason(w)?.code).toBe(code);
});

describe("a cycle that holds", () => {
  test("learns nothing", () => {
    const refused = waiting("a", "p2", 900_000, { unschedulable: "no" });
    const w = worldOf([pod("a", "p1"), refused], 2, {
      inventory: { known: false, nodes: [node("n1")] },
      memory: memory(NOW - 15_000),
    });
    expect(observedWorld(w).world.memory).toEqual({ ...memory(NOW - 15_000), lastCycleAtMs: NOW });
  });

  test("by a wrong clock of its own, writes no time", () => {
    const w = world({ clusterTimeMs: NOW - 3_600_000, memory: memory(NOW - 3_600_000) });
    expect(observedWorld(w).world.memory).toEqual(w.memory);
  });

  test("after a clock went back, leaves nothing of the future behind: the next cycle goes on", () => {
    const ahead = NOW + 3_600_000;
    const w = worldOf([pod("a", "p1")], 1, {
      memory: {
        ...memory(ahead),
        variants: {
          "ns/a": remembered({
            recommendations: [{ atMs: ahead, replicas: 9 }],
            scaleEvents: [{ atMs: ahead, change: 1 }],
            asked: { replicas: 1, atMs: ahead },
            quarantine: { untilMs: ahead + 600_000, times: 5, reason: "x" },
            manualPin: { replicas: 1, untilMs: ahead + 1_800_000, manager: "kubectl" },
          }),
        },
        trust: {
          "h100/4": { lostAtMs: ahead, probeAtMs: ahead, failures: 0, reason: "no", probing: false, scheduled: 1 },
        },
      },
    });
    const after = observedWorld(w).world.memory;
    expect(after).toMatchObject({
      lastCycleAtMs: NOW,
      variants: {
        "ns/a": {
          recommendations: [{ atMs: NOW, replicas: 9 }],
          scaleEvents: [{ atMs: NOW, change: 1 }],
          asked: { replicas: 1, atMs: NOW },
          quarantine: { untilMs: NOW + 600_000 },
          manualPin: { untilMs: NOW + 1_800_000 },
        },
      },
      trust: { "h100/4": { lostAtMs: NOW, probeAtMs: NOW + 3_600_000 } },
    });
    expect(holdReason({ ...w, takenAtMs: NOW + 15_000, memory: after })).toBeUndefined();
  });
});
