import { describe, expect, it } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { type CycleOutcome, planCycle } from "../../src/app/live/cycle.ts";
import { rememberedCycle } from "../../src/app/live/remember.ts";
import { LiveSolver } from "../../src/app/live/solver.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import type { World } from "../../src/snapshot/world/types.ts";
import { variantStatuses } from "../../src/status/variant-status.ts";
import { demand, GPU, gold, node, override, pod, policy, target, variant, waiting, world } from "../guard/world.ts";

const MINUTE = 60_000;

function cycle(taken: World): Promise<CycleOutcome> {
  const solver = new LiveSolver(inProcessPlacement(readDocumentText));
  return planCycle(taken, (snapshot) => solver.solve(snapshot, taken.policy.timeLimitMs));
}

/** One workload on one variant of four devices, two nodes of eight; `replicas` are asked for and ready. */
function chat(replicas: number, rate: number, changes: Partial<World> = {}): World {
  const pods = Array.from({ length: replicas }, (_, i) => pod("chat", `chat-${i}`, { node: `n${1 + (i % 2)}` }));
  return world({
    classes: [gold()],
    targets: [target("chat", { specReplicas: replicas })],
    variants: [variant("chat")],
    demands: [demand("chat", rate)],
    pods,
    ...changes,
  });
}

function statusOf({ decision, order, ...outcome }: CycleOutcome, key: string): ReturnType<typeof find> {
  const find = () =>
    variantStatuses({
      ...outcome,
      ...(outcome.solved === undefined ? {} : { plan: outcome.solved.plan }),
      decision,
      deferred: order.deferred,
      written: new Map(),
      refused: new Map(),
    }).get(key);
  return find();
}

describe("a cycle", () => {
  it("asks for what is demanded", async () => {
    const outcome = await cycle(chat(1, 3));
    expect(outcome.decision.act).toBe(true);
    expect(outcome.decision.counts).toEqual({ "ns/chat": 3 });
    expect(outcome.order.steps.map((step) => step.changes.map(({ from, to }) => [from, to]))).toEqual([[[1, 3]]]);
  });

  it("plans what is handed to KEDA, tells the count, and writes nothing", async () => {
    const outcome = await cycle(
      chat(1, 3, { targets: [target("chat", { specReplicas: 1, handedTo: "ScaledObject ns/chat" })] }),
    );
    expect(outcome.decision.counts).toEqual({ "ns/chat": 3 });
    expect(outcome.order.steps).toEqual([]);
    const status = statusOf(outcome, "ns/chat");
    expect(status).toMatchObject({ currentReplicas: 1, desiredReplicas: 3, reason: "HandedToKeda" });
    expect(status?.conditions.find(({ type }) => type === "Actuated")).toMatchObject({
      status: "False",
      reason: "HandedToKeda",
    });
    expect(status?.conditions.find(({ type }) => type === "Conflict")).toMatchObject({ status: "False" });
  });

  it("says the same of a variant in a later cycle in which nothing changed", async () => {
    const taken = chat(3, 3);
    const first = await cycle(taken);
    const later = { ...taken, takenAtMs: taken.takenAtMs + 15_000, memory: rememberedCycle(first, new Map()) };
    const said = (status: ReturnType<typeof statusOf>) => ({ ...status, lastPlan: undefined });
    expect(said(statusOf(await cycle(later), "ns/chat"))).toEqual(said(statusOf(first, "ns/chat")));
  });

  it("forgets the quarantine of a variant that was deleted and made anew while the cycle held", async () => {
    const until = { untilMs: world({}).takenAtMs + 60_000, times: 1, reason: "CrashLoopBackOff" };
    const learned = { recommendations: [], scaleEvents: [], startSeconds: [], counted: {}, quarantine: until };
    const memoryWith = (uid: string) => ({
      revision: 4,
      lastCycleAtMs: 0,
      variants: { "ns/chat": { uid, ...learned } },
      trust: {},
    });
    const quarantined = async (uid: string) => {
      const { bounds } = await cycle(chat(1, 3, { memory: memoryWith(uid) }));
      return bounds.get("ns/chat")?.notes.some(({ code }) => code === "Quarantined");
    };
    expect(await quarantined("uid-chat")).toBe(true);
    expect(await quarantined("uid-of-before")).toBe(false);
  });

  it("moves replicas off a drained node also without demand, unless somebody froze or suspended them, and in mode act only", async () => {
    const drain = override("o", { type: "drain" }, { kind: "node", name: "n1" });
    const nodes = [node("n1", { cordoned: true }), node("n2")];
    const evicted = async (changes: Partial<World> = {}) => {
      const { drain: steps } = await cycle(
        chat(2, 2, { inventory: { known: true, nodes }, overrides: [drain], ...changes }),
      );
      return steps.evict.map(({ replica }) => replica);
    };
    expect(await evicted()).toEqual(["ns/chat-0"]);
    expect(await evicted({ demands: [] })).toEqual(["ns/chat-0"]);
    expect(await evicted({ variants: [variant("chat", { suspended: true })] })).toEqual([]);
    expect(
      await evicted({ overrides: [drain, override("f", { type: "freeze" }, { kind: "variant", name: "ns/chat" })] }),
    ).toEqual([]);
    expect(await evicted({ policy: policy({ mode: "recommend" }) })).toEqual([]);
    expect(await evicted({ inventory: { known: false, nodes } })).toEqual([]);
  });

  it("empties a drained pool: what replaces it starts first; what nothing can replace stops at once", async () => {
    const pools = [
      ...policy().pools,
      { name: "l40s", resource: GPU, nodeLabels: { gpu: "l40s" }, pricePerDeviceHour: 1 },
    ];
    /** `chat` runs twice on the drained pool, and could run on nodes of the other one. */
    const drainedPool = (spare: number) =>
      cycle(
        world({
          policy: policy({ pools }),
          inventory: {
            known: true,
            nodes: [
              node("n1"),
              ...(spare === 0 ? [] : [node("s1", { labels: { gpu: "l40s" }, devices: { [GPU]: spare } })]),
            ],
          },
          targets: [
            target("chat", { specReplicas: 2, nodeSelector: { gpu: "h100" } }),
            target("small", { nodeSelector: { gpu: "l40s" } }),
          ],
          variants: [variant("chat", { workload: "ns/chat" }), variant("small", { workload: "ns/chat" })],
          demands: [demand("chat", 2)],
          pods: [pod("chat", "chat-0"), pod("chat", "chat-1")],
          overrides: [override("o", { type: "drain" }, { kind: "pool", name: "h100" })],
        }),
      );
    const stepsOf = ({ order }: CycleOutcome) =>
      order.steps.map(({ changes }) => changes.map(({ variant: name, from, to }) => `${name} ${from} ${to}`));

    const roomy = await drainedPool(8);
    expect(stepsOf(roomy)).toEqual([["ns/small 0 2"]]);
    expect(roomy.order.deferred.map(({ change }) => [change.variant, change.to])).toEqual([["ns/chat", 0]]);
    // Half of it can be replaced: one goes now, and one stays until its replacement is ready.
    expect(stepsOf(await drainedPool(4))).toEqual([["ns/small 0 1"], ["ns/chat 2 1"]]);
    expect(stepsOf(await drainedPool(0))).toEqual([["ns/chat 2 0"]]);
  });

  it("is a function of its world: the same bytes again", async () => {
    const taken = chat(1, 3);
    const bytes = async () => {
      const { solved, ...outcome } = await cycle(structuredClone(taken));
      return JSON.stringify({ ...outcome.decision, order: outcome.order, plan: { ...solved?.plan, elapsedMs: 0 } });
    };
    expect(await bytes()).toBe(await bytes());
  });

  it("never asks twice for a replica that has not come yet", async () => {
    const taken = chat(1, 3, {
      targets: [target("chat", { specReplicas: 3 })],
      pods: [pod("chat", "chat-0"), waiting("chat", "chat-1", 5000), waiting("chat", "chat-2", 5000)],
    });
    const outcome = await cycle(taken);
    expect(outcome.decision.changes).toEqual([]);
    expect(statusOf(outcome, "ns/chat")).toMatchObject({ readyReplicas: 1, pendingReplicas: 2, desiredReplicas: 3 });
  });

  it("places demand elsewhere where pods stay unschedulable, and does not trust the pool for that size", async () => {
    const stuck = waiting("big", "big-0", 10 * MINUTE, {
      unschedulable: "0/2 nodes are available",
      devices: { "nvidia.com/gpu": 8 },
    });
    const taken = world({
      classes: [gold()],
      targets: [target("big", { specReplicas: 1, devicesPerReplica: 8 }), target("small")],
      variants: [
        variant("big", { workload: "ns/m", costPerHour: 1 }),
        variant("small", { workload: "ns/m", costPerHour: 9 }),
      ],
      demands: [demand("m", 1)],
      pods: [stuck],
    });
    const outcome = await cycle(taken);
    expect(outcome.decision.counts).toMatchObject({ "ns/small": 1 });
    const memory = rememberedCycle(outcome, new Map());
    expect(Object.keys(memory.trust)).toEqual(["h100/8"]);
    expect(outcome.decision.counts["ns/big"]).toBe(0);
  });

  it("holds where the inventory cannot be read: nothing grows, nothing shrinks, and status says so", async () => {
    const outcome = await cycle(chat(3, 1, { inventory: { known: false, reason: "nodes: forbidden", nodes: [] } }));
    expect(outcome.decision).toMatchObject({ act: false, changes: [], held: { code: "InventoryUnknown" } });
    const status = statusOf(outcome, "ns/chat");
    expect(status?.conditions.find((condition) => condition.type === "Planned")).toMatchObject({
      status: "False",
      reason: "InventoryUnknown",
    });
  });

  it("does not shrink where nobody says what is asked", async () => {
    const outcome = await cycle(chat(3, 1, { demands: [] }));
    expect(outcome.decision.counts).toEqual({ "ns/chat": 3 });
    expect(statusOf(outcome, "ns/chat")?.conditions.find((c) => c.type === "MetricsAvailable")?.status).toBe("False");
  });

  it("leaves a target alone that another autoscaler scales, and names it", async () => {
    const owned = chat(1, 4, {
      targets: [target("chat", { specReplicas: 1, ownedBy: "HorizontalPodAutoscaler ns/chat" })],
    });
    const outcome = await cycle(owned);
    expect(outcome.decision.changes).toEqual([]);
    expect(statusOf(outcome, "ns/chat")?.conditions.find((c) => c.type === "Conflict")).toMatchObject({
      status: "True",
      reason: "OwnedByOther",
      message: expect.stringContaining("HorizontalPodAutoscaler ns/chat"),
    });
  });

  it("an override to zero is one, and says who", async () => {
    const pin = override("o1", { type: "pin", replicas: 0 }, { kind: "variant", name: "ns/chat" });
    const outcome = await cycle(chat(2, 2, { overrides: [pin] }));
    expect(outcome.decision.counts).toEqual({ "ns/chat": 0 });
    expect(statusOf(outcome, "ns/chat")?.message).toContain("ann");
  });

  it("does not count cordoned nodes", async () => {
    const taken = chat(0, 4, { inventory: { known: true, nodes: [node("n1"), node("n2", { cordoned: true })] } });
    expect((await cycle(taken)).decision.counts).toEqual({ "ns/chat": 2 });
  });

  it("does not count what foreign pods hold", async () => {
    const taken = chat(0, 4, { pods: [pod(undefined, "training", { node: "n1", devices: { "nvidia.com/gpu": 8 } })] });
    expect((await cycle(taken)).decision.counts).toEqual({ "ns/chat": 2 });
  });
});
