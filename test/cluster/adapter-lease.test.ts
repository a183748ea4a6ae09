import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubernetesAdapters } from "../../src/adapters/kubernetes/adapters.ts";
import { KubernetesApi } from "../../src/adapters/kubernetes/api/client.ts";
import { type Connection, connect } from "../../src/adapters/kubernetes/api/connection.ts";
import { KubernetesLease } from "../../src/adapters/kubernetes/lease.ts";
import { StoreConflictError } from "../../src/domain/store-conflict-error.ts";
import { EMPTY_MEMORY, type Memory } from "../../src/snapshot/world/memory.ts";
import type { WorldOverride } from "../../src/snapshot/world/types.ts";
import { adapters, installCrds } from "./adapter-fixtures.ts";
import { waitFor } from "./lab/cluster.ts";
import type { FaultProxy } from "./lab/fault-proxy.ts";
import { type Lab, startLab } from "./lab/lab.ts";

let lab: Lab;
let proxy: FaultProxy;
let direct: Connection;
let proxied: Connection;
let live: KubernetesAdapters;

beforeAll(async () => {
  lab = await startLab();
  await installCrds(lab);
  proxy = await lab.faultProxy();
  direct = await connect({ kubeconfigFile: lab.kubeconfig });
  proxied = await connect({ kubeconfigFile: proxy.kubeconfig });
  live = await adapters(proxy.kubeconfig);
});
afterAll(async () => {
  live?.close();
  direct?.agent.destroy();
  proxied?.agent.destroy();
  await lab?.stop();
});

const HOUR_MS = 3_600_000;
const FAST = {
  durationMs: 2_000,
  renewDeadlineMs: 1_200,
  retryMs: 200,
  writeMs: 500,
  asideMs: 1_500,
  offerAgainMs: 2_500,
};

function candidate(name: string, identity: string, options: { connection?: Connection; aheadMs?: number } = {}) {
  const events: string[] = [];
  const api = new KubernetesApi(options.connection ?? direct, 500);
  const listener = { onLead: () => events.push("lead"), onLost: (reason: string) => events.push(`lost: ${reason}`) };
  const clock = { nowMs: () => Date.now() + (options.aheadMs ?? 0) };
  const lease = new KubernetesLease(api, clock, listener, { namespace: "default", name, identity, ...FAST });
  return { lease, events };
}

const leads = (lease: KubernetesLease) => waitFor("the lease", async () => lease.mayAct());

test("one leads, also where clocks differ by an hour; the other takes over at once when it is given back", async () => {
  const a = candidate("handover", "a");
  const b = candidate("handover", "b", { aheadMs: HOUR_MS });
  a.lease.start();
  await leads(a.lease);
  b.lease.start();
  await sleep(2 * FAST.durationMs);
  expect(a.lease.mayAct()).toBe(true);
  expect([b.lease.mayAct(), b.lease.leader()]).toEqual([false, "a"]);
  await a.lease.stop();
  await leads(b.lease);
  expect([a.events, b.events]).toEqual([["lead", "lost: stopped"], ["lead"]]);
  await b.lease.stop();
});

test("who is unfit gives the lease up to another, and leads where nobody else does", async () => {
  const a = candidate("unfit", "a");
  const b = candidate("unfit", "b");
  a.lease.start();
  await leads(a.lease);
  b.lease.start();
  await waitFor("the other to see who leads", async () => b.lease.leader() === "a");
  a.lease.unfit("its clock is wrong");
  await leads(b.lease);
  await sleep(FAST.durationMs + FAST.asideMs);
  expect([a.lease.mayAct(), b.lease.mayAct()]).toEqual([false, true]);
  expect(a.events).toEqual(["lead", "lost: its clock is wrong: another replica should lead"]);

  await b.lease.stop();
  await leads(a.lease);
  // It offers the lease again and again, and whoever is fit has it then.
  const c = candidate("unfit", "c");
  c.lease.start();
  await leads(c.lease);
  a.lease.unfit(undefined);
  await c.lease.stop();
  await leads(a.lease);
  await sleep(FAST.offerAgainMs);
  expect(a.lease.mayAct()).toBe(true);
  await a.lease.stop();
});

test("who cannot renew stops acting before another starts", async () => {
  const a = candidate("cut-off", "a", { connection: proxied });
  const b = candidate("cut-off", "b");
  a.lease.start();
  await leads(a.lease);
  b.lease.start();
  proxy.inject({ match: ({ path }) => path.includes("leases"), fault: { type: "hang" } });
  let both = false;
  await waitFor("the other to lead", async () => {
    both ||= a.lease.mayAct() && b.lease.mayAct();
    return b.lease.mayAct();
  });
  expect(both).toBe(false);
  expect(a.lease.mayAct()).toBe(false);
  await waitFor("it to notice", async () => a.events.some((event) => event.startsWith("lost: the lease could not")));
  proxy.clear();
  await Promise.all([a.lease.stop(), b.lease.stop()]);
});

test("memory is replaced only by whoever read it last", async () => {
  expect(await live.memory.load()).toBeUndefined();
  const first: Memory = { ...EMPTY_MEMORY, revision: 1, lastPlan: { revision: 1, atMs: 0, replicas: { "a/b": 3 } } };
  await live.memory.save(first, 0);
  expect(await live.memory.load()).toEqual(first);
  await live.memory.save({ ...first, revision: 2 }, 1);
  await expect(live.memory.save({ ...first, revision: 2 }, 1)).rejects.toThrow(StoreConflictError);
});

test("memory of several pieces leaves none behind", async () => {
  const replicas = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`v${i}`, Math.sin(i)]));
  const large: Memory = { ...EMPTY_MEMORY, revision: 3, lastPlan: { revision: 3, atMs: 0, replicas } };
  await live.memory.save(large, 2);
  expect(await live.memory.load()).toEqual(large);
  await live.memory.save({ ...large, revision: 4 }, 3);
  expect((await live.memory.load())?.revision).toBe(4);
  await live.memory.save({ ...EMPTY_MEMORY, revision: 5 }, 4);
  const maps = await lab.api.list("/api/v1/namespaces/default/configmaps?labelSelector=apportion.dev/memory");
  expect(maps.map(({ metadata }) => metadata.name)).toEqual(["apportion-memory-default"]);
});

test("a save whose answer was lost is not taken for another's", async () => {
  proxy.inject({ match: ({ method }) => method === "PUT", fault: { type: "cut-answer" }, times: 1 });
  await live.memory.save({ ...EMPTY_MEMORY, revision: 6 }, 5);
  expect((await live.memory.load())?.revision).toBe(6);
});

test("overrides are resources: set, replaced, removed", async () => {
  const override: WorldOverride = {
    id: "pin",
    action: { type: "pin", replicas: 2 },
    subject: { kind: "variant", name: "default/chat" },
    reason: "incident",
    author: "ada",
    createdAtMs: 0,
  };
  await live.overrides.put(override);
  await live.overrides.put({ ...override, action: { type: "pin", replicas: 0 } });
  expect(await live.overrides.list()).toMatchObject([
    { id: "pin", action: { type: "pin", replicas: 0 }, author: "ada" },
  ]);
  expect([await live.overrides.remove("pin"), await live.overrides.remove("pin")]).toEqual([true, false]);
});
