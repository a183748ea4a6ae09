import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ReportDemandResponse } from "../../../src/gen/apportion/v1/demand.ts";
import { waitFor } from "../lab/cluster.ts";
import type { FaultProxy, SeenRequest } from "../lab/fault-proxy.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import { addVariant, clearFleet, cycles, patchVariant, rangeWhile, setUpFleet, untilReplicas } from "./fleet.ts";
import { demandReport, type LiveService, promised, type ServiceOptions, startService } from "./service.ts";

/** Several replicas of the service over one cluster: one acts, whatever becomes of the others. */

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 3) });
  await setUpFleet(lab);
}, 120_000);

afterAll(() => lab?.stop());

afterEach(() => clearFleet(lab));

interface Replica extends LiveService {
  /** Between it and the API server. */
  proxy: FaultProxy;
}

/** A service behind a proxy of its own, which ends with the test. */
async function replica(options: ServiceOptions = {}): Promise<Replica> {
  const proxy = await lab.faultProxy();
  const service = await startService(proxy.kubeconfig, options);
  onTestFinished(async () => {
    proxy.clear();
    await service.stop();
  });
  return { ...service, proxy };
}

const leads = (service: LiveService) =>
  waitFor("it to lead", async () => {
    const { leader, plan } = await service.status();
    return leader && plan !== undefined && plan.variants.length > 0;
  });

const scaleWrites = ({ proxy }: Replica): SeenRequest[] =>
  proxy.seen.filter(({ method, path }) => method === "PATCH" && path.endsWith("/scale"));

test("case 24: one leads, the other stands by and says so; it takes over when the leader ends, and when it is killed", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  const first = await replica();
  await leads(first);
  const second = await replica();
  await untilReplicas(lab, [[chat, 1]]);

  const told = await waitFor("the second to read the plan", () => second.status());
  expect(told.leader).toBe(false);
  expect(told.leaderIdentity).toBe((await first.status()).leaderIdentity);
  expect((await second.cli("status")).stdout).toContain(`${told.leaderIdentity} leads`);
  const report = { report: demandReport("gateway", 1, { chat: 50 }) };
  await expect(promised((done) => second.demand.reportDemand(report, done))).rejects.toMatchObject({
    details: expect.stringContaining("does not lead"),
  });
  expect((await second.cli("approve", "1", "--reason", "not mine")).code).not.toBe(0);

  expect(await first.stop()).toBe(0);
  expect(scaleWrites(second)).toEqual([]);
  await leads(second);
  await patchVariant(lab, "chat", { demandPerSecond: 10 });
  await untilReplicas(lab, [[chat, 2]]);

  const third = await replica();
  await waitFor("the third to read the plan", () => third.status());
  await second.kill();
  await patchVariant(lab, "chat", { demandPerSecond: 15 });
  await leads(third);
  await untilReplicas(lab, [[chat, 3]]);
}, 180_000);

test("a leader that the API server no longer hears stops acting before another starts, and does not act when it is back", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  const first = await replica();
  await leads(first);
  await untilReplicas(lab, [[chat, 1]]);
  const second = await replica();
  first.proxy.inject({ fault: { type: "hang" } });
  await leads(second);
  expect((await first.status()).leader).toBe(false);
  const before = scaleWrites(first).length;
  await patchVariant(lab, "chat", { demandPerSecond: 15 });
  await untilReplicas(lab, [[chat, 3]]);
  first.proxy.clear();
  first.proxy.cutAll();
  await waitFor("the first to see who leads", async () => {
    const { leaderIdentity } = await first.status();
    return leaderIdentity === (await second.status()).leaderIdentity;
  });
  await patchVariant(lab, "chat", { demandPerSecond: 10 });
  await untilReplicas(lab, [[chat, 2]]);
  expect(scaleWrites(first).length).toBe(before);
}, 180_000);

test("a leader that is killed in the middle of a plan: the next one finishes it, and nothing shrinks", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1, spec: { demandPerSecond: 5 } });
  const code = await addVariant(lab, "code", { workload: "code", replicas: 1, spec: { demandPerSecond: 5 } });
  const first = await replica();
  await leads(first);
  await lab.readyPods("app=code", 1);
  const second = await replica();
  await waitFor("the second to read the plan", () => second.status());
  // Nothing of the second target's write arrives: the plan stops half way.
  const cut = first.proxy.inject({
    match: ({ method, path }) => method === "PATCH" && path.endsWith("/code/scale"),
    fault: { type: "hang" },
  });
  const seen = await rangeWhile(lab, code, async () => {
    await patchVariant(lab, "chat", { demandPerSecond: 15 });
    await patchVariant(lab, "code", { demandPerSecond: 15 });
    await waitFor("the write that hangs", async () => cut.hits > 0);
    await untilReplicas(lab, [[chat, 3]]);
    await first.kill();
    await untilReplicas(lab, [
      [chat, 3],
      [code, 3],
    ]);
  });
  expect(seen[0]).toBe(1);
  expect([await lab.replicas(chat), await lab.replicas(code)]).toEqual([3, 3]);
}, 180_000);

test("a replica whose clock is off by an hour holds, and what it leaves behind harms nobody", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 2, spec: { demandPerSecond: 10 } });
  await patchVariant(lab, "chat", {
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 600 }] },
    },
  });
  const first = await replica();
  await leads(first);
  await lab.readyPods("app=chat", 2);
  await cycles(first, 1);
  const skewed = await replica({ preload: new URL("skewed-clock.ts", import.meta.url) });
  const seen = await rangeWhile(lab, chat, async () => {
    await first.stop();
    await waitFor("the skewed one to lead", async () => skewed.log().some(({ msg }) => msg === "leads"));
    await patchVariant(lab, "chat", { demandPerSecond: 5 });
    await waitFor("it to hold", async () => skewed.log().some(({ leads, held }) => leads && held === "ClockSkew"));
    await skewed.stop();
    const next = await replica();
    await leads(next);
    await cycles(next, 3);
  });
  // The window of ten minutes goes on as it began.
  expect(seen).toEqual([2]);
  expect(scaleWrites(skewed)).toEqual([]);
}, 180_000);

test("a leader whose clock is off by an hour gives the lead to a replica that can plan", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1, spec: { demandPerSecond: 10 } });
  const skewed = await replica({ preload: new URL("skewed-clock.ts", import.meta.url) });
  await waitFor("the skewed one to lead", async () => skewed.log().some(({ msg }) => msg === "leads"));
  const sane = await replica();
  await leads(sane);
  await untilReplicas(lab, [[chat, 2]]);
  expect((await skewed.status().catch(() => undefined))?.leader ?? false).toBe(false);
  expect(skewed.log().some(({ msg, reason }) => /not lead/.test(msg) && /clock here/.test(String(reason)))).toBe(true);
  expect(scaleWrites(skewed)).toEqual([]);
}, 120_000);

test("a new leader plans on what sources told the old one: nothing shrinks until they say so", async () => {
  const spec = { demandPerSecond: 5 };
  const chat = await addVariant(lab, "chat", { workload: "inherited", replicas: 1, spec });
  const first = await replica();
  await leads(first);
  const report = (to: LiveService, source: string, sequence: number, rate: number) =>
    promised((done) => to.demand.reportDemand({ report: demandReport(source, sequence, { inherited: rate }) }, done));
  await report(first, "gateway-eu", 7, 5);
  await report(first, "gateway-us", 3, 10);
  await report(first, "retired", 1, 10);
  await untilReplicas(lab, [[chat, 5]]);
  expect((await first.cli("sources", "forget", "retired", "--reason", "gone", "--author", "ada")).code).toBe(0);
  await untilReplicas(lab, [[chat, 3]]);
  await cycles(first, 2);

  const second = await replica();
  await first.kill();
  const seen = await rangeWhile(lab, chat, async () => {
    await leads(second);
    await cycles(second, 3);
    // One of the two has reported since: the other's demand still counts.
    await report(second, "gateway-eu", 8, 5);
    await cycles(second, 3);
  });
  expect(seen).toEqual([3]);
  // What came late, from before the hand-over, changes nothing.
  const late = await promised<ReportDemandResponse>((done) =>
    second.demand.reportDemand({ report: demandReport("gateway-us", 2, { inherited: 0 }) }, done),
  );
  expect(late.ack?.outcome).toBe("REPORT_OUTCOME_SUPERSEDED");
  await report(second, "gateway-us", 4, 0);
  await untilReplicas(lab, [[chat, 1]]);
}, 180_000);

test("case 24: a second installation in another namespace waits while the first acts", async () => {
  const namespace = "other-installation";
  await lab.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  const first = await replica();
  await leads(first);
  await untilReplicas(lab, [[chat, 1]]);
  const second = await replica({ namespace });
  await waitFor("the second to wait", async () => second.log().some(({ held }) => held === "OtherInstallation"));
  await patchVariant(lab, "chat", { demandPerSecond: 10 });
  await untilReplicas(lab, [[chat, 2]]);
  await cycles(first, 3);
  expect(scaleWrites(second)).toEqual([]);
  expect(second.log().filter(({ written }) => Number(written) > 0)).toEqual([]);
}, 120_000);
