import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import type {
  ExchangeDemandResponse,
  ListDemandResponse,
  ReportDemandResponse,
  ReportDemandStreamResponse,
} from "../../../src/gen/apportion/v1/demand.ts";
import type {
  GetMetricSpecResponse,
  GetMetricsResponse,
  IsActiveResponse,
} from "../../../src/gen/externalscaler/externalscaler.ts";
import { waitFor } from "../lab/cluster.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import { addVariant, clearFleet, cycles, setUpFleet, untilCondition, untilReplicas } from "./fleet.ts";
import { demandReport, type LiveService, promised, runCli, type ServiceOptions, startService } from "./service.ts";

/**
 * What controllers report, what becomes of it, and who reads the plan from outside. Workloads have other names in each test:
 * what was reported of one is remembered, whoever leads.
 */

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 2) });
  await setUpFleet(lab, { demandStaleAfterSeconds: 6 });
}, 120_000);

afterAll(() => lab?.stop());

afterEach(() => clearFleet(lab));

/** A service that ends with the test, and leads when this resolves. */
async function leading(options: ServiceOptions = {}): Promise<LiveService> {
  const service = await startService(lab.kubeconfig, options);
  onTestFinished(async () => void (await service.stop()));
  await waitFor("it to lead", async () => service.log().some(({ msg }) => msg === "leads"));
  return service;
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "apportion-live-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Rejects, never throws, where the client is closed. */
const report = async (service: LiveService, source: string, sequence: number, demands: Record<string, number>) =>
  promised<ReportDemandResponse>((done) =>
    service.demand.reportDemand({ report: demandReport(source, sequence, demands) }, done),
  );

test("case 25: without demand, or with a stale one, nothing shrinks", async () => {
  const service = await leading();
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 2 });
  await untilCondition(lab, "chat", "MetricsAvailable", "False", "DemandUnknown");
  await cycles(service, 2);
  expect(await lab.replicas(chat)).toBe(2);

  await report(service, "gateway", 1, { chat: 15 });
  await untilReplicas(lab, [[chat, 3]]);
  await untilCondition(lab, "chat", "MetricsAvailable", "True", "Reported");
  await untilCondition(lab, "chat", "MetricsAvailable", "False", "DemandUnknown");
  await cycles(service, 2);
  expect(await lab.replicas(chat)).toBe(3);

  // One source reports less while another is silent: what the silent one asks for is not known.
  await report(service, "other", 1, { chat: 1 });
  await untilCondition(lab, "chat", "MetricsAvailable", "False", "DemandPartlyStale");
  expect(await lab.replicas(chat)).toBe(3);
  await Promise.all([report(service, "gateway", 2, { chat: 4 }), report(service, "other", 2, { chat: 1 })]);
  await untilReplicas(lab, [[chat, 1]]);
}, 120_000);

test("demand that is reported in any way changes the plan at once", async () => {
  const service = await leading({ interval: "10m" });
  const chat = await addVariant(lab, "chat", { workload: "at-once" });
  await report(service, "gateway", 1, { "at-once": 5 });
  await untilReplicas(lab, [[chat, 1]]);

  const counts = await promised<ReportDemandStreamResponse>((done) => {
    const stream = service.demand.reportDemandStream(done);
    stream.write({ report: demandReport("gateway", 3, { "at-once": 10 }) });
    stream.write({ report: demandReport("gateway", 2, { "at-once": 20 }) });
    stream.write({ report: demandReport("gateway", 3, { "at-once": 10 }) });
    stream.end();
  });
  expect(counts.counts).toMatchObject({ applied: 1n, duplicates: 1n, superseded: 1n });
  await untilReplicas(lab, [[chat, 2]]);

  const stream = service.demand.exchangeDemand();
  const acknowledged: ExchangeDemandResponse[] = [];
  stream.on("data", (response: ExchangeDemandResponse) => acknowledged.push(response));
  stream.on("error", () => {});
  for (const [sequence, rate] of [
    [4, 15],
    [5, 20],
  ] as const) {
    stream.write({ report: demandReport("gateway", sequence, { "at-once": rate }) });
  }
  await waitFor("both acknowledgements", async () => acknowledged.length === 2);
  expect(acknowledged.map(({ ack }) => ack?.sequence)).toEqual([4n, 5n]);
  await untilReplicas(lab, [[chat, 4]]);
  stream.end();
}, 120_000);

test("kill -9 loses no report that was acknowledged", async () => {
  const state = temporaryDirectory();
  const service = await leading({ state });
  const acknowledged = new Map<string, number>();
  let reporting = true;
  const sources = ["a", "b", "c", "d"].map(async (source) => {
    for (let sequence = 1; reporting; sequence++) {
      const answer = await report(service, source, sequence, { killed: sequence }).catch(() => undefined);
      if (answer === undefined) return;
      acknowledged.set(source, sequence);
    }
  });
  await waitFor("reports", async () => ["a", "b", "c", "d"].every((source) => (acknowledged.get(source) ?? 0) > 20));
  await service.kill();
  reporting = false;
  await Promise.all(sources);

  const next = await startService(lab.kubeconfig, { state });
  onTestFinished(async () => void (await next.stop()));
  const { demands } = await promised<ListDemandResponse>((done) => next.demand.listDemand({}, done));
  for (const [source, sequence] of acknowledged) {
    // The last one may have been durable without its acknowledgement getting out.
    const kept = demands.find((demand) => demand.source === source)?.demand?.requestsPerSecond ?? 0;
    expect([sequence, sequence + 1]).toContain(kept);
  }
}, 120_000);

test("KEDA's external scaler gets the desired count, and is told when a variant wakes", async () => {
  const service = await leading();
  await addVariant(lab, "chat", { workload: "woken", spec: { demandPerSecond: 0 } });
  const ref = { namespace: "default", name: "scaled-object", scalerMetadata: { variant: "chat" } };
  const active = () => promised<IsActiveResponse>((done) => service.scaler.isActive(ref, done));
  await waitFor("the variant to be planned", async () => (await active().catch(() => undefined)) !== undefined);
  expect(await active()).toEqual({ result: false });
  const told: boolean[] = [];
  const stream = service.scaler.streamIsActive(ref);
  stream.on("data", ({ result }: IsActiveResponse) => told.push(result));
  stream.on("error", () => {});
  await waitFor("the first answer", async () => told.length === 1);
  const spec = await promised<GetMetricSpecResponse>((done) => service.scaler.getMetricSpec(ref, done));
  expect(spec.metricSpecs).toHaveLength(1);
  const [metric] = spec.metricSpecs;
  expect(metric).toMatchObject({ targetSize: 1n });

  await report(service, "gateway", 1, { woken: 15 });
  await waitFor("the stream to tell", async () => told.length === 2);
  expect(told).toEqual([false, true]);
  const request = { scaledObjectRef: ref, metricName: metric?.metricName ?? "" };
  const { metricValues } = await promised<GetMetricsResponse>((done) => service.scaler.getMetrics(request, done));
  expect(metricValues).toMatchObject([{ metricName: metric?.metricName, metricValue: 3n }]);
  await expect(
    promised<IsActiveResponse>((done) => service.scaler.isActive({ ...ref, scalerMetadata: {} }, done)),
  ).rejects.toMatchObject({ details: expect.stringContaining("default/scaled-object") });
  stream.cancel();
}, 120_000);

test("a recorded world is planned again to the same decision, byte for byte", async () => {
  const record = temporaryDirectory();
  const service = await leading({ record });
  const chat = await addVariant(lab, "chat", { workload: "recorded", spec: { demandPerSecond: 10 } });
  const code = await addVariant(lab, "code", {
    workload: "recorded-too",
    spec: { demandPerSecond: 15, serviceClass: "batch" },
  });
  await untilReplicas(lab, [
    [chat, 2],
    [code, 2],
  ]);
  await lab.readyPods("app=code", 2);
  await cycles(service, 2);
  await service.stop();
  const worlds = readdirSync(record)
    .sort()
    .map((name) => ({ path: join(record, name), world: JSON.parse(readFileSync(join(record, name), "utf8")) }));
  expect(worlds.length).toBeGreaterThan(3);
  // A cycle of which the memory of the next world tells what the service made of it.
  const followed = worlds.flatMap(({ path, world }, index) => {
    const after = worlds[index + 1]?.world.memory;
    return after?.revision === world.memory.revision + 1 ? [{ path, world, lastPlan: after.lastPlan }] : [];
  });
  const acted = followed.find(({ world }) => world.targets.length === 2 && world.targets[0].specReplicas === 0);
  for (const { path, lastPlan } of [acted, followed.at(-1)].filter((cycle) => cycle !== undefined)) {
    const [once, again] = await Promise.all([1, 2].map(() => runCli(["plan", path, "--format", "json"])));
    expect(once).toMatchObject({ code: 0, stderr: "" });
    expect(again?.stdout).toBe(once?.stdout);
    const { decision } = JSON.parse(once?.stdout ?? "");
    expect(JSON.stringify(decision.memory.lastPlan)).toBe(JSON.stringify(lastPlan));
  }
  const table = await runCli(["plan", acted?.path ?? ""]);
  expect(table).toMatchObject({ code: 0, stdout: expect.stringContaining("default/code 0 → 2") });
}, 120_000);
