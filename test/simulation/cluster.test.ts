import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimulatedCluster } from "../../src/simulation/cluster/cluster.ts";
import { rateAt, traffic } from "../../src/simulation/cluster/traffic.ts";
import type { Arrival, ClusterScenario, ServedRequest, SimulatedVariant } from "../../src/simulation/cluster/types.ts";
import { gatewayDemands, worldParts } from "../../src/simulation/cluster/world-parts.ts";
import { ReplicaSimulation } from "../../src/simulation/replica.ts";
import { parseSimulation } from "../../src/snapshot/simulation/codec.ts";
import type { Simulation } from "../../src/snapshot/simulation/types.ts";

const PROFILE = {
  dialect: "continuous",
  baseMs: 20,
  perSequenceMs: 0.5,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 0,
  maxBatchSize: 16,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
} as const;

const A: SimulatedVariant = {
  key: "ml/a",
  workload: "ml/chat",
  pool: "h100",
  devicesPerReplica: 4,
  truth: PROFILE,
  start: { meanSeconds: 60, variation: 0 },
  initialReplicas: 1,
};

function scenario(changes: Partial<ClusterScenario> = {}): ClusterScenario {
  const nodes = ["h100-1", "h100-2"].map((name) => ({ name, pool: "h100", devices: 8 }));
  return { nodes, variants: [A], events: [], seed: 1, ...changes };
}

/** One request every `gapMs`. */
function every(gapMs: number, count: number, workload = "ml/chat"): Arrival[] {
  return Array.from({ length: count }, (_, i) => ({ atMs: i * gapMs, workload, inputTokens: 200, outputTokens: 20 }));
}

function start(given: Partial<ClusterScenario>, arrivals: Iterable<Arrival> = []) {
  const served: ServedRequest[] = [];
  const cluster = new SimulatedCluster(scenario(given), arrivals, (request) => served.push(request));
  const phases = () => [...cluster.pods()].map(({ phase }) => phase).sort();
  return { cluster, served, phases };
}

describe("pods", () => {
  test("start after their time where a node has room, wait where none has, and come when one does", () => {
    const { cluster, phases } = start({});
    cluster.scale("ml/a", 5);
    cluster.advanceTo(59_000);
    expect(phases()).toEqual(["pending", "ready", "starting", "starting", "starting"]);
    cluster.advanceTo(60_000);
    expect(phases()).toEqual(["pending", "ready", "ready", "ready", "ready"]);
    expect(cluster.counts.pendingMs).toBe(4 * 60_000);
    // Of those without a node the next count less is one, whatever is ready.
    cluster.scale("ml/a", 4);
    expect(phases()).toEqual(["ready", "ready", "ready", "ready"]);
  });

  test("the one of the lowest deletion cost goes first, then the youngest", () => {
    const { cluster } = start({});
    cluster.scale("ml/a", 3);
    cluster.advanceTo(60_000);
    const [first, second, third] = [...cluster.pods()];
    first!.deletionCost = -1;
    cluster.scale("ml/a", 2);
    expect([...cluster.pods()]).toEqual([second, third]);
    cluster.scale("ml/a", 1);
    expect([...cluster.pods()]).toEqual([second]);
  });

  test("of a lost node are made anew elsewhere, and what they had begun begins anew", () => {
    const { cluster, served, phases } = start(
      { variants: [{ ...A, initialReplicas: 2 }], events: [{ atMs: 5_000, type: "node-lost", node: "h100-1" }] },
      every(100, 100),
    );
    cluster.advanceTo(6_000);
    expect(phases()).toEqual(["starting", "starting"]);
    expect([...cluster.pods()].map(({ node }) => node)).toEqual(["h100-2", "h100-2"]);
    expect(cluster.gateways.get("ml/chat")!.held.length).toBeGreaterThan(0);
    cluster.advanceTo(120_000);
    expect(served).toHaveLength(100);
    const late = served.filter(({ ttftMs }) => ttftMs > 50_000);
    expect(late.length).toBeGreaterThan(40);
    expect(Math.max(...served.map(({ arrivalMs, ttftMs }) => arrivalMs + ttftMs))).toBeGreaterThan(65_000);
  });

  test("that are to go answer what they have taken, and take no more", () => {
    const { cluster, served, phases } = start({ variants: [{ ...A, initialReplicas: 2 }] }, every(50, 200));
    cluster.advanceTo(1_000);
    cluster.scale("ml/a", 1);
    expect(phases()).toEqual(["ready", "terminating"]);
    cluster.advanceTo(5_000);
    expect(phases()).toEqual(["ready"]);
    cluster.advanceTo(60_000);
    expect(served.every(({ ttftMs }) => ttftMs < 1_000)).toBe(true);
    expect(served).toHaveLength(200);
  });

  test("crash by chance, and start anew in place", () => {
    const { cluster } = start({ variants: [{ ...A, crashesPerHour: 30 }] });
    cluster.advanceTo(3_600_000);
    // A crash follows 120 s of being ready on average, and a start takes 60: 20 in an hour.
    expect(cluster.counts.crashed).toBeGreaterThan(10);
    expect(cluster.counts.crashed).toBeLessThan(32);
    expect([...cluster.pods()][0]!.restarts).toBe(cluster.counts.crashed);
  });
});

test("requests of one replica are answered as the replica alone answers them", () => {
  const arrivals = every(70, 50);
  const { cluster, served } = start({}, arrivals);
  cluster.advanceTo(600_000);
  const alone: number[] = [];
  const replica = new ReplicaSimulation(PROFILE, {
    firstToken: ({ request }, atMs) => alone.push(atMs - request.arrivalMs),
  });
  for (const [id, { atMs, inputTokens, outputTokens }] of arrivals.entries()) {
    replica.offer({ id, arrivalMs: atMs, inputTokens, outputTokens, cachedTokens: 0 });
  }
  replica.advanceTo(600_000);
  expect(served.map(({ ttftMs }) => ttftMs)).toEqual(alone);
});

test("the world that is seen: nodes, pods, targets, foreign devices, and what gateways report", () => {
  const { cluster } = start(
    { events: [{ atMs: 0, type: "foreign-pod", node: "h100-2", devices: 6, forMs: 90_000 }] },
    every(500, 1000),
  );
  cluster.advanceTo(1);
  cluster.scale("ml/a", 3);
  cluster.advanceTo(70_000);
  const parts = worldParts(cluster, [A], 1_000_000);
  expect(parts.nodes.map(({ devices }) => Object.values(devices))).toEqual([[8], [8]]);
  expect(parts.targets[0]).toMatchObject({ specReplicas: 3, devicesPerReplica: 4, found: true });
  const own = parts.pods.filter(({ target }) => target !== undefined);
  expect(own.filter(({ ready }) => ready)).toHaveLength(2);
  expect(own.find(({ node }) => node === undefined)!.unschedulable).toMatch(/no node of h100 has 4/);
  expect(parts.pods.find(({ target }) => target === undefined)).toMatchObject({ devices: { "nvidia.com/gpu": 6 } });
  const [demand] = gatewayDemands(cluster, 1_000_000, "gateway");
  expect(demand).toMatchObject({ ratePerSecond: 2, reportedAtMs: 1_070_000 });
  expect(demand!.tokenMix).toEqual({ inputTokens: 200, outputTokens: 20, inputVariation: 0, outputVariation: 0 });
});

const command = fc.oneof(
  fc.record({ do: fc.constant("scale" as const), variant: fc.constantFrom("ml/a", "ml/b"), to: fc.nat(5) }),
  fc.record({
    do: fc.constant("happen" as const),
    type: fc.constantFrom("node-lost" as const, "node-back" as const, "cordon" as const, "uncordon" as const),
    node: fc.constantFrom("h100-1", "h100-2"),
  }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
);

test("property: whatever happens, no node holds more than it has, every request ends once, and the course is the same again", () => {
  const variants = [A, { ...A, key: "ml/b", devicesPerReplica: 2, initialReplicas: 1, crashesPerHour: 60 }];
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), fc.integer({ min: 1, max: 1000 }), (commands, seed) => {
      const run = () => {
        const { cluster, served } = start({ variants, seed }, every(150, 300));
        for (const step of commands) {
          if (step.do === "scale") cluster.scale(step.variant, step.to);
          else if (step.do === "happen") cluster.happen({ atMs: cluster.nowMs, type: step.type, node: step.node });
          else cluster.advanceTo(cluster.nowMs + step.ms);
          for (const { node, held } of cluster.nodes.all()) expect(held).toBeLessThanOrEqual(node.devices);
          const kept = [...cluster.pods()].filter(({ phase }) => phase !== "terminating");
          expect(kept).toHaveLength(cluster.askedOf("ml/a") + cluster.askedOf("ml/b"));
        }
        for (const node of ["h100-1", "h100-2"]) {
          cluster.happen({ atMs: cluster.nowMs, type: "node-back", node });
          cluster.happen({ atMs: cluster.nowMs, type: "uncordon", node });
        }
        cluster.scale("ml/a", 2);
        cluster.advanceTo(cluster.nowMs + 3_600_000);
        return served;
      };
      const served = run();
      expect(served).toHaveLength(300);
      expect(run()).toEqual(served);
    }),
    { numRuns: 40, seed: 7 },
  );
});

const FILE = {
  apiVersion: "apportion.dev/v1",
  kind: "Simulation",
  pools: [{ name: "h100", nodes: [{ devices: 8, count: 2 }] }],
  classes: [{ name: "gold", priority: 0 }],
  workloads: [
    {
      name: "ml/chat",
      class: "gold",
      traffic: [{ type: "diurnal", ratePerSecond: 1, peakPerSecond: 5, periodSeconds: 1000 }],
      variants: [{ name: "a", pool: "h100", devicesPerReplica: 4, profile: PROFILE }],
    },
  ],
};

function read(changes: object): Simulation {
  const parsed = parseSimulation({ ...FILE, ...changes });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  return parsed.value;
}

describe("traffic", () => {
  test("follows its shape", () => {
    const arrivals: Arrival[] = [];
    for (const arrival of traffic(read({}), [])) {
      if (arrival.atMs > 10_000_000) break;
      arrivals.push(arrival);
    }
    // Ten days of 1000 s with a mean of 3/s: 30,000 give or take 173.
    expect(Math.abs(arrivals.length - 30_000)).toBeLessThan(4 * 173);
    const night = arrivals.filter(({ atMs }) => (atMs / 1000) % 1000 < 100 || (atMs / 1000) % 1000 >= 900);
    const expected = [...Array(2000).keys()].reduce((sum, i) => {
      const at = (i + 0.5) / 2;
      return at < 100 || at >= 900 ? sum + 10 * 0.5 * rateAt(read({}).workloads[0]!.traffic[0] as never, at) : sum;
    }, 0);
    expect(Math.abs(night.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  test("of a trace comes as often as it is scaled, in order, over and over", () => {
    const trace = Array.from({ length: 100 }, (_, i) => ({ atMs: i * 100, inputTokens: i + 1, outputTokens: 1 }));
    const workloads = [{ ...FILE.workloads[0], traffic: [{ type: "trace", scale: 2.5 }] }];
    const arrivals: Arrival[] = [];
    for (const arrival of traffic(read({ workloads }), trace)) {
      if (arrival.atMs >= 109_000) break;
      arrivals.push(arrival);
    }
    // Ten rounds of 10.9 s.
    expect(Math.abs(arrivals.length - 2500)).toBeLessThan(4 * Math.sqrt(1000 * 0.25));
    for (let i = 1; i < arrivals.length; i++) expect(arrivals[i]!.atMs).toBeGreaterThanOrEqual(arrivals[i - 1]!.atMs);
  });

  test("one more workload changes none of the others", () => {
    const two = [
      FILE.workloads[0]!,
      { ...FILE.workloads[0]!, name: "ml/other", variants: [{ ...FILE.workloads[0]!.variants[0]!, name: "o" }] },
    ];
    const first = (simulation: Simulation) => {
      const found: Arrival[] = [];
      for (const arrival of traffic(simulation, [])) {
        if (arrival.workload === "ml/chat") found.push(arrival);
        if (found.length === 50) return found;
      }
      return found;
    };
    expect(first(read({ workloads: two }))).toEqual(first(read({})));
  });
});

test("a file that cannot be meant says where, and what to do", () => {
  const bad = parseSimulation({
    ...FILE,
    workloads: [{ ...FILE.workloads[0], name: "chat", class: "golden" }],
    events: [{ atSeconds: 5, type: "node-lost", node: "h100-3" }],
  });
  expect(bad.ok ? [] : bad.violations.map(({ path, fix }) => `${path}: ${fix}`)).toEqual([
    "workloads[0].name: write it so",
    'workloads[0].class: did you mean "gold"?',
    'events[0].node: did you mean "h100-1"?',
  ]);
  const unknown = parseSimulation({ ...FILE, speed: 3 });
  expect(unknown.ok ? [] : unknown.violations[0]!.path).toBe("speed");
});
