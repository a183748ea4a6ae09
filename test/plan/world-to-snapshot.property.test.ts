import { parseProblem } from "@apportion/solver";
import fc from "fast-check";
import { expect, test } from "vitest";
import { recommendationBounds } from "../../src/guard/bounds.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { worldToSnapshot } from "../../src/plan/world-to-snapshot.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import { parseWorld, worldText } from "../../src/snapshot/world/codec.ts";
import type { World, WorldPod } from "../../src/snapshot/world/types.ts";
import { demand, GPU, node, pod, starting, target, variant, waiting, world } from "../guard/world.ts";

const NODES = ["n1", "n2", "n3", "n4"];
const VARIANTS = ["a", "b", "c"];

const anyNode = (name: string) =>
  fc
    .record({
      ready: fc.boolean(),
      cordoned: fc.boolean(),
      zone: fc.constantFrom("east", "west"),
      tainted: fc.boolean(),
      devices: fc.integer({ min: 0, max: 8 }),
    })
    .map(({ zone, tainted, devices, ...flags }) =>
      node(name, {
        ...flags,
        labels: { gpu: "h100", zone },
        taints: tainted ? [{ key: "k", value: "", effect: "NoSchedule" }] : [],
        devices: { [GPU]: devices },
      }),
    );

const anyTarget = (name: string) =>
  fc
    .record({
      specReplicas: fc.integer({ min: 0, max: 5 }),
      devicesPerReplica: fc.integer({ min: 0, max: 8 }),
      nodesPerReplica: fc.integer({ min: 1, max: 3 }),
      zone: fc.constantFrom(undefined, "east", "west", "north"),
      tolerates: fc.boolean(),
    })
    .map(({ zone, tolerates, ...counts }) =>
      target(name, {
        ...counts,
        nodeSelector: zone === undefined ? {} : { zone },
        tolerations: tolerates ? [{ key: "k", operator: "Exists", value: "" }] : [],
      }),
    );

const anyPod: fc.Arbitrary<(name: string) => WorldPod> = fc
  .record({
    of: fc.constantFrom(...VARIANTS, undefined),
    node: fc.constantFrom(...NODES, "gone"),
    devices: fc.integer({ min: 1, max: 8 }),
    group: fc.constantFrom("g1", "g2", undefined),
    terminating: fc.boolean(),
    make: fc.constantFrom("ready", "starting", "failing", "waiting", "refused", "coming"),
    ageMs: fc.integer({ min: 0, max: 1_000_000 }),
  })
  .map(({ of, make, ageMs, devices, ...rest }) => (name) => {
    const own = { ...rest, devices: { [GPU]: devices } };
    if (of === undefined || make === "ready") return pod(of, name, own);
    if (make === "starting") return starting(of, name, ageMs, own);
    if (make === "failing") return starting(of, name, ageMs, { ...own, failing: "CrashLoopBackOff" });
    const unplaced = { ...own, node: undefined };
    if (make === "waiting") return waiting(of, name, ageMs, unplaced);
    return waiting(of, name, ageMs, { ...unplaced, unschedulable: "no", nodeComing: make === "coming" });
  });

const anyWorld: fc.Arbitrary<World> = fc
  .record({
    nodes: fc.tuple(...NODES.map(anyNode)),
    targets: fc.tuple(...VARIANTS.map(anyTarget)),
    pods: fc.array(anyPod, { maxLength: 12 }),
    roles: fc.tuple(...VARIANTS.map(() => fc.constantFrom("both" as const, "prefill" as const, "decode" as const))),
    shared: fc.boolean(),
  })
  .map(({ nodes, targets, pods, roles, shared }) =>
    world({
      inventory: { known: true, nodes },
      targets,
      pods: pods.map((make, i) => make(`p${i}`)),
      variants: VARIANTS.map((name, i) =>
        variant(name, { role: roles[i]!, ...(shared ? { workload: "ns/a" } : {}), minReplicas: i }),
      ),
      demands: VARIANTS.map((name) => demand(name, 2)),
    }),
  );

test("whatever the cluster looks like, what is made of it is a problem that the solver reads, the same each time", () => {
  fc.assert(
    fc.property(anyWorld, (w) => {
      const { world: observed, states, resolved } = observedWorld(w);
      const snapshot = worldToSnapshot(observed, states, resolved, recommendationBounds(observed, states, resolved));
      if (snapshot === undefined) return;
      const text = JSON.stringify(snapshot);
      expect(parseSnapshot(JSON.parse(text))).toMatchObject({ ok: true });
      const read = parseProblem(snapshotToProblem(snapshot).problem);
      expect(read.ok ? [] : read.violations).toEqual([]);
      const recorded = parseWorld(JSON.parse(worldText(w)));
      if (!recorded.ok) throw new Error(JSON.stringify(recorded.violations));
      const turned = { ...recorded.value, pods: [...recorded.value.pods].reverse() };
      const again = observedWorld({
        ...turned,
        inventory: { ...turned.inventory, nodes: [...w.inventory.nodes].reverse() },
      });
      const bounds = recommendationBounds(again.world, again.states, again.resolved);
      expect(JSON.stringify(worldToSnapshot(again.world, again.states, again.resolved, bounds))).toBe(text);
    }),
    { numRuns: 300 },
  );
});
