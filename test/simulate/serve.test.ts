import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { apportion, temporaryFile } from "../cli/apportion.ts";
import { type SimulatedService, serveSimulation } from "./service.ts";

const PROFILE = {
  baseMs: 20,
  perSequenceMs: 0.4,
  perPromptTokenMs: 0.04,
  perContextTokenMs: 0.001,
  maxBatchSize: 32,
  maxQueueSize: 200,
};

/** Two nodes; `chat` begins with one replica, which is too few for its 16 requests per second. */
const TINY = {
  apiVersion: "apportion.dev/v1",
  kind: "Simulation",
  pools: [{ name: "a100", pricePerDeviceHour: 3, nodes: [{ devices: 8, count: 2 }] }],
  classes: [{ name: "gold", priority: 0, slo: { ttftMs: 1000, tpotMs: 100 } }],
  workloads: [
    {
      name: "ml/chat",
      class: "gold",
      traffic: [{ type: "steady", ratePerSecond: 16, inputTokens: 300, outputTokens: 40 }],
      variants: [
        {
          name: "chat-a100",
          pool: "a100",
          devicesPerReplica: 2,
          profile: PROFILE,
          startSeconds: 60,
          initialReplicas: 1,
        },
      ],
    },
  ],
};

interface Status {
  lastCycleAt: string;
  plan: {
    revision: string;
    mode: string;
    proposedRevision?: string;
    variants: { name: string; current: number; desired: number; ready: number }[];
  };
}
interface Fleet {
  pools: { nodes: { name: string; usable: boolean; uses: { variant: string; devices: number }[] }[] }[];
}

async function serve(simulation: object, flags: string[] = []): Promise<SimulatedService> {
  const state = mkdtempSync(join(tmpdir(), "apportion-simulate-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const service = await serveSimulation(simulation, state, { flags: ["--speed", "60", ...flags] });
  onTestFinished(async () => void (await service.stop()));
  return service;
}

const PLACEMENT = "apportion.v1.PlacementService";

/** Asks again and again until `done`; the time of the test bounds it. */
async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    await sleep(200);
  }
}

const statusOf = (service: SimulatedService): Promise<Status> => service.call<Status>(`${PLACEMENT}/GetStatus`);
const fleetOf = (service: SimulatedService): Promise<Fleet> => service.call<Fleet>(`${PLACEMENT}/GetFleet`);
const chat = ({ plan }: Status) => plan.variants.find(({ name }) => name === "ml/chat-a100")!;

test("plans act: replicas start, become ready, follow a lost node, and obey an override", {
  timeout: 120_000,
}, async () => {
  const service = await serve({
    ...TINY,
    events: [{ atSeconds: 360, type: "node-lost", node: "a100-1" }],
  });
  expect(service.output()).toMatch(/^(optimal|feasible|infeasible): cost /m);
  const grown = await until(
    () => statusOf(service),
    (status) => chat(status).ready > 1 && chat(status).ready === chat(status).desired,
  );
  expect(grown.plan.mode).toBe("MODE_ACT");

  const before = await fleetOf(service);
  expect(before.pools[0]!.nodes.map(({ name }) => name).sort()).toEqual(["a100-1", "a100-2"]);
  expect(before.pools[0]!.nodes.some(({ uses }) => uses.some(({ variant }) => variant === "ml/chat-a100"))).toBe(true);
  const without = await until(
    () => fleetOf(service),
    ({ pools }) => pools[0]!.nodes.some(({ usable }) => !usable),
  );
  const lost = without.pools[0]!.nodes.filter(({ usable }) => !usable);
  expect(lost.map(({ name }) => name)).toEqual(["a100-1"]);
  await until(
    () => fleetOf(service),
    ({ pools }) => {
      const held = pools[0]!.nodes.find(({ name }) => name === "a100-2")!.uses;
      return held.reduce((sum, { devices }) => sum + devices, 0) >= 4;
    },
  );

  const set = await apportion([
    ...["override", "set", "pin", "ml/chat-a100", "--replicas", "2", "--for", "1h", "--reason", "test", "--yes"],
    ...["--server", service.grpc],
  ]);
  expect(set).toMatchObject({ code: 0 });
  const pinned = await until(
    () => statusOf(service),
    (status) => chat(status).current === 2,
  );
  const later = await until(
    () => statusOf(service),
    (status) => Number(status.plan.revision) >= Number(pinned.plan.revision) + 3,
  );
  expect(chat(later)).toMatchObject({ current: 2, desired: 2 });

  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^apportion_variant_desired_replicas\{[^}]*chat-a100[^}]*\} 2$/m);
  const sources = await apportion(["sources", "list", "--format", "json", "--server", service.grpc]);
  expect(JSON.parse(sources.stdout)).toEqual([expect.objectContaining({ source: "simulated-gateway", stale: false })]);
});

test("mode approve: nothing moves before somebody says so", { timeout: 120_000 }, async () => {
  const service = await serve(TINY, ["--mode", "approve"]);
  const waiting = await until(
    () => statusOf(service),
    ({ plan }) => plan.proposedRevision !== undefined,
  );
  expect(chat(waiting)).toMatchObject({ current: 1 });
  const approved = await apportion([
    ...["approve", waiting.plan.proposedRevision!, "--reason", "test", "--server", service.grpc],
  ]);
  expect(approved).toMatchObject({ code: 0 });
  await until(
    () => statusOf(service),
    (status) => chat(status).current > 1,
  );
});

test("a service that starts again on its state goes on in time", { timeout: 120_000 }, async () => {
  const state = mkdtempSync(join(tmpdir(), "apportion-simulate-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const first = await serveSimulation(TINY, state, { flags: ["--speed", "200"] });
  const before = await until(
    () => statusOf(first),
    (status) => Date.parse(status.lastCycleAt) > Date.now() + 60_000,
  );
  await first.stop();
  const second = await serveSimulation(TINY, state, { flags: ["--speed", "1"] });
  onTestFinished(async () => void (await second.stop()));
  const after = await statusOf(second);
  expect(Date.parse(after.lastCycleAt)).toBeGreaterThan(Date.parse(before.lastCycleAt));
  expect(Number(after.plan.revision)).toBeGreaterThan(Number(before.plan.revision));
});

test.each([
  [
    { ...TINY, workloads: [{ ...TINY.workloads[0], class: "golden" }] },
    [],
    /workloads\[0\]\.class.*did you mean "gold"/,
  ],
  [TINY, ["--speed", "0"], /above 0, at most 1000/],
  [TINY, ["--mode", "yolo"], /observe, recommend, approve, act/],
  [TINY, ["--live"], /--simulate brings its own cluster/],
  [TINY, ["--trace", "nowhere.csv"], /nowhere\.csv/],
  [TINY, ["--trace", "package.json"], /package\.json: line 2/],
] as const)("bad input %# ends with exit code 2 and says why", async (simulation, flags, message) => {
  const file = temporaryFile("simulation.json", JSON.stringify(simulation));
  const where = ["--listen", "127.0.0.1:0", "--http", "off"];
  const { code, stderr } = await apportion(["serve", "--simulate", file, ...where, ...flags]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
