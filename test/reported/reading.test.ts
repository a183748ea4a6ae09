import { describe, expect, it } from "vitest";
import { readingOf, refusedSince, reportedFleet } from "../../src/adapters/reported/convert/reading.ts";
import { NO_ACTUATOR, NO_EVENTS, NO_STATUS } from "../../src/adapters/reported/nothing.ts";
import { ReportedCluster } from "../../src/adapters/reported/reported-cluster.ts";
import { SqliteStore } from "../../src/adapters/store/sqlite-store.ts";
import { recommendationBounds } from "../../src/guard/bounds.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { observeReplicas } from "../../src/model/replicas/observe.ts";
import { worldToSnapshot } from "../../src/plan/world-to-snapshot.ts";
import type { ClusterReading } from "../../src/ports/cluster.ts";
import type { ReportEntry } from "../../src/ports/ingest.ts";
import { parseWorld } from "../../src/snapshot/world/codec.ts";
import { EMPTY_MEMORY } from "../../src/snapshot/world/memory.ts";
import type { World } from "../../src/snapshot/world/types.ts";
import { fleet, node, report } from "./fleet.ts";

const NOW = 1_800_000_000_000;

function read(reports: ReportEntry[], pools: string[] = [], refused: [string, number][] = []): ClusterReading {
  return readingOf(reportedFleet(fleet(), "default", 3000), {
    takenAtMs: NOW,
    reports,
    reportedPools: new Set(pools),
    refusedSinceMs: new Map(refused),
    overrides: [],
  });
}

function worldOf(reading: ClusterReading): World {
  const { actedRevision: _acted, unread: _unread, policyWriter: _writer, ...parts } = reading;
  return { apiVersion: "apportion.dev/v1", kind: "World", takenAtMs: NOW, ...parts, demands: [], memory: EMPTY_MEMORY };
}

const replicasOf = (reading: ClusterReading, variant: string) => observeReplicas(worldOf(reading)).states.get(variant)!;

const names = (reading: ClusterReading) => reading.inventory.nodes.map(({ name }) => name);

describe("without a report", () => {
  const reading = read([]);

  it("the file says what there is; devices without nodes are one node", () => {
    expect(names(reading)).toEqual(["a100/0-0", "a100/0-1", "t4/devices"]);
    expect(reading.inventory.known).toBe(true);
    expect(reading.inventory.nodes[2]).toMatchObject({
      devices: { "apportion.dev/devices": 16 },
      labels: { "apportion.dev/pool": "t4" },
    });
  });

  it("the file's replicas are ready, on the nodes that hold them as far as they do", () => {
    const chat = replicasOf(reading, "chat");
    expect([chat.asked, chat.ready, chat.scheduled]).toEqual([3, 3, 2]);
  });

  it("names are keys, costs of a start are times, and the mode writes nothing", () => {
    expect(reading.policy).toMatchObject({ mode: "recommend", timeLimitMs: 3000 });
    expect(reading.variants[0]).toMatchObject({
      key: "chat",
      workload: "assistant",
      costPerHour: 8,
      startSeconds: 900,
    });
    expect(reading.classes[0]).toMatchObject({ name: "assistant", priority: 1, rule: "max-min", minReplicas: 2 });
  });

  it("what the file excludes is excluded, with its reason", () => {
    expect(reading.overrides).toEqual([expect.objectContaining({ reason: "it is being replaced" })]);
  });

  it("what is planned is what the file says", () => {
    const { world, states, resolved } = observedWorld(worldOf(reading));
    const snapshot = worldToSnapshot(world, states, resolved, recommendationBounds(world, states, resolved))!;
    const [assistant] = snapshot.workloads;
    expect(assistant).toMatchObject({ name: "assistant", priority: 1, demandPerSecond: 3, minReplicas: 2 });
    expect(assistant!.variants[0]).toMatchObject({ name: "chat", currentReplicas: 3, startCost: 2, costPerHour: 8 });
    expect(snapshot.inventory.pools[0]!.nodes).toEqual([{ freeDevices: 8, count: 2, taints: [], holds: { chat: 1 } }]);
  });

  it("is a world that can be recorded and read back", () => {
    const world = worldOf(reading);
    const parsed = parseWorld(JSON.parse(JSON.stringify(world)));
    expect(parsed.ok ? [] : parsed.violations).toEqual([]);
  });
});

describe("with reports", () => {
  it("a reported pool is what sources say, others are what the file says", () => {
    const reading = read(
      [report("dc-1", NOW, { nodes: [node("n1", 4), node("n2", 8, { cordoned: true })] })],
      ["a100"],
    );
    expect(names(reading)).toEqual(["n1", "n2", "t4/devices"]);
    expect(reading.inventory.nodes[1]).toMatchObject({ ready: true, cordoned: true });
  });

  it("a pool whose nodes are gone stays empty", () => {
    expect(names(read([report("dc-1", NOW, {})], ["a100"]))).toEqual(["t4/devices"]);
  });

  it("of a node that two sources name, the later report counts; nodes of unknown pools do not", () => {
    const first = report("dc-1", NOW - 10, { nodes: [node("n1", 4), node("n2", 4, { pool: "tpu" })] });
    const reading = read([report("dc-2", NOW, { nodes: [node("n1", 2)] }), first], ["a100"]);
    expect(names(reading)).toEqual(["n1", "t4/devices"]);
    expect(reading.inventory.nodes[0]!.devices).toEqual({ "apportion.dev/devices": 2 });
  });

  it("states of replicas add up over sources, placed where nodes hold them", () => {
    const states = { variant: "chat", ready: 1, starting: 1, unschedulable: 0, failing: 0 };
    const nodes = [node("n1", 8, { holds: [{ variant: "chat", replicas: 2 }] })];
    const reading = read(
      [
        report("dc-1", NOW, { nodes, replicas: [states] }),
        report("dc-2", NOW, { replicas: [{ ...states, failing: 1 }] }),
      ],
      ["a100"],
    );
    const chat = replicasOf(reading, "chat");
    expect(chat).toMatchObject({ asked: 5, ready: 2, failing: 1, current: 4, scheduled: 2 });
    expect(chat.starting + chat.pending).toBe(2);
  });

  it("without states, what nodes hold is ready; groups count whole", () => {
    const holds = [{ variant: "gang", replicas: 1 }];
    const reading = read(
      [report("dc-1", NOW, { nodes: ["n1", "n2", "n3"].map((name) => node(name, 8, { holds })) })],
      ["a100"],
    );
    expect(replicasOf(reading, "gang")).toMatchObject({ asked: 1, ready: 1, scheduled: 1 });
  });

  it("replicas that are unschedulable for long lose their pool's trust", () => {
    const replicas = [{ variant: "chat", ready: 1, starting: 0, unschedulable: 1, failing: 0 }];
    const reports = [report("dc-1", NOW, { replicas })];
    expect(replicasOf(read(reports), "chat")).toMatchObject({ unschedulable: 1, overdue: 0 });
    const since = refusedSince(refusedSince(new Map(), reports, NOW - 60_000), reports, NOW);
    expect(replicasOf(read(reports, [], [...since]), "chat")).toMatchObject({ unschedulable: 1, overdue: 1 });
    expect(refusedSince(since, [], NOW).size).toBe(0);
  });

  it("a source that is silent makes the inventory unknown, unless it said that it has nothing", () => {
    const silent = read([report("dc-1", NOW - 120_001, { nodes: [node("n1", 4)] })], ["a100"]);
    expect(silent.inventory).toMatchObject({ known: false, reason: "no inventory report in 120 s from dc-1" });
    expect(silent.unread).toHaveLength(1);
    expect(read([report("dc-1", NOW - 120_001, {})], ["a100"]).inventory.known).toBe(true);
  });
});

describe("the cluster of reports", () => {
  function cluster(store: SqliteStore, reports: ReportEntry[]): ReportedCluster {
    const parts = {
      fleet: reportedFleet(fleet(), "default", 3000),
      overrides: store.overrides(),
      pools: store.pools(),
    };
    return new ReportedCluster({ ...parts, reports: () => reports });
  }

  it("remembers over restarts which pools were reported once", async () => {
    const store = new SqliteStore(":memory:");
    const before = await cluster(store, [report("dc-1", NOW, { nodes: [node("n1", 4)] })]).read(NOW);
    expect(names(before)).toEqual(["n1", "t4/devices"]);
    expect(names(await cluster(store, [report("dc-1", NOW, {})]).read(NOW))).toEqual(["t4/devices"]);
  });

  it("does not know the inventory where its store cannot be read", async () => {
    const store = new SqliteStore(":memory:");
    const reading = cluster(store, []);
    store.close();
    const { inventory, unread } = await reading.read(NOW);
    expect(inventory).toMatchObject({ known: false });
    expect(unread).toHaveLength(1);
  });

  it("writes nothing anywhere", async () => {
    expect(await NO_ACTUATOR.apply(1, [], () => true)).toEqual([]);
    expect(await NO_ACTUATOR.drain({ cordon: [], uncordon: [], evict: [] }, "", () => true)).toMatchObject({ done: 0 });
    expect(await NO_STATUS.write({ atMs: NOW, variants: new Map(), overrides: new Map() })).toMatchObject({
      written: 0,
    });
    expect(await NO_EVENTS.publish([])).toBeUndefined();
  });
});
