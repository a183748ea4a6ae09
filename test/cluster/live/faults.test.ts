import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KubeObject } from "../lab/api.ts";
import { waitFor } from "../lab/cluster.ts";
import type { Fault, FaultProxy, ProxiedRequest } from "../lab/fault-proxy.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import {
  addVariant,
  clearFleet,
  cycles,
  patchVariant,
  rangeWhile,
  setUpFleet,
  untilCondition,
  untilReplicas,
} from "./fleet.ts";
import { type LiveService, type ServiceOptions, startService } from "./service.ts";

/** What becomes of a fleet while the API server or the way to it fails: nothing shrinks, and afterwards the plan is met. */

let lab: Lab;
let proxy: FaultProxy;

beforeAll(async () => {
  lab = await startLab({ nodes: [...acceleratorNodes("h100", 2), ...acceleratorNodes("l40s", 1)] });
  await setUpFleet(lab);
  proxy = await lab.faultProxy();
}, 120_000);

afterAll(() => lab?.stop());

afterEach(async () => {
  proxy.clear();
  await clearFleet(lab);
});

async function leading(options: ServiceOptions = {}): Promise<LiveService> {
  const service = await startService(proxy.kubeconfig, options);
  onTestFinished(async () => {
    proxy.clear();
    await service.stop();
  });
  await waitFor("it to lead", async () => service.log().some(({ msg }) => msg === "leads"));
  return service;
}

/** A variant with two ready replicas. */
async function twoReplicas(): Promise<KubeObject> {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 10 } });
  await untilReplicas(lab, [[chat, 2]]);
  await lab.readyPods("app=chat", 2);
  return chat;
}

const reads =
  (part: string) =>
  ({ method, path }: ProxiedRequest) =>
    method === "GET" && path === `/api/v1/${part}`;

test("case 12: on unknown inventory the plan is held, nothing grows or shrinks, and the status says why", async () => {
  const service = await leading();
  const chat = await twoReplicas();
  await cycles(service, 1);
  proxy.inject({ match: reads("nodes"), fault: { type: "status", code: 500 } });
  await untilCondition(lab, "chat", "Planned", "False", "InventoryUnknown");
  const seen = await rangeWhile(lab, chat, async () => {
    await patchVariant(lab, "chat", { demandPerSecond: 20 });
    await sleep(3000);
    await patchVariant(lab, "chat", { demandPerSecond: 5 });
    await sleep(3000);
  });
  expect(seen).toEqual([2]);
  const { plan } = await service.status();
  expect(plan?.heldBecause).toContain("nodes could not be read");
  expect(plan?.plan?.workloads).toHaveLength(1);
  expect((await service.cli("status")).stdout).toContain("held: InventoryUnknown");
  proxy.clear();
  await untilReplicas(lab, [[chat, 1]]);
  await untilCondition(lab, "chat", "Planned", "True", "Optimal");
}, 120_000);

const outages: [string, () => Promise<void>][] = [
  [
    "the API server is killed and started again",
    async () => {
      await lab.component("kube-apiserver").kill();
      await sleep(3000);
      await lab.component("kube-apiserver").start();
    },
  ],
  [
    "etcd hangs for longer than a lease lasts",
    async () => {
      lab.component("etcd").pause();
      await sleep(17_000);
      lab.component("etcd").resume();
    },
  ],
  [
    "every connection is cut, again and again",
    async () => {
      for (let round = 0; round < 15; round++) {
        proxy.cutAll();
        await sleep(200);
      }
    },
  ],
  ["all writes are answered with 409", () => storm(({ method }) => method !== "GET", { type: "status", code: 409 })],
  ["everything is answered with 429", () => storm(() => true, { type: "status", code: 429, retryAfterSeconds: 1 })],
  ["everything is answered with 500", () => storm(() => true, { type: "status", code: 500 })],
  ["half of the requests are answered with 500", () => storm(() => Math.random() < 0.5, { type: "status", code: 500 })],
  ["no answer of a write arrives", () => storm(({ method }) => method !== "GET", { type: "cut-answer" })],
];

async function storm(match: (request: ProxiedRequest) => boolean, fault: Fault): Promise<void> {
  const active = proxy.inject({ match, fault });
  await sleep(4000);
  await waitFor("the fault to hit", async () => active.hits > 0);
  active.remove();
}

describe("while", () => {
  let service: LiveService;

  beforeAll(async () => {
    service = await startService(proxy.kubeconfig);
  }, 60_000);

  afterAll(() => service?.stop());

  test.each(outages)(
    "%s nothing shrinks, and afterwards the plan is met",
    async (_what, fault) => {
      const chat = await twoReplicas();
      const patience = 90_000;
      // Demand grows meanwhile, so that there is something to write, and something to get wrong.
      const seen = await rangeWhile(lab, chat, async () => {
        const grown = () => patchVariant(lab, "chat", { demandPerSecond: 15 });
        await Promise.all([fault(), waitFor("the demand to be written", grown, patience)]);
        await waitFor("the plan to be met", async () => (await lab.replicas(chat)) === 3, patience);
        await lab.readyPods("app=chat", 3);
      });
      expect(seen.filter((count) => count < 2)).toEqual([]);
      expect(service.alive()).toBe(true);
    },
    240_000,
  );
});

test("a watch that was cut wakes the service again, long before the next cycle is due", async () => {
  const service = await leading({ interval: "10m" });
  const chat = await twoReplicas();
  proxy.cutAll();
  await sleep(500);
  await patchVariant(lab, "chat", { demandPerSecond: 15 });
  await untilReplicas(lab, [[chat, 3]]);
  // Streams that break off in the middle, as behind a proxy with a time limit.
  const broken = proxy.inject({
    match: ({ query }) => query.get("watch") !== null,
    fault: { type: "cut-stream", afterMs: 300 },
  });
  proxy.cutAll();
  await waitFor("watches to break off", async () => broken.hits > 5);
  await patchVariant(lab, "chat", { demandPerSecond: 20 });
  await untilReplicas(lab, [[chat, 4]]);
  expect(service.alive()).toBe(true);
}, 180_000);
