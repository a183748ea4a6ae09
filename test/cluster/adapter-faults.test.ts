import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { KubernetesAdapters } from "../../src/adapters/kubernetes/adapters.ts";
import { KubernetesApi } from "../../src/adapters/kubernetes/api/client.ts";
import { connect } from "../../src/adapters/kubernetes/api/connection.ts";
import { KubernetesChangeFeed } from "../../src/adapters/kubernetes/watch.ts";
import { adapters, createResource, installCrds, POLICY, variantSpec } from "./adapter-fixtures.ts";
import { waitFor } from "./lab/cluster.ts";
import type { Fault, FaultProxy } from "./lab/fault-proxy.ts";
import { type Lab, startLab } from "./lab/lab.ts";
import { acceleratorNodes, deployment, pod } from "./lab/objects.ts";

const chat = deployment({ name: "chat", replicas: 0, devices: { "nvidia.com/gpu": 1 } });
let lab: Lab;
let proxy: FaultProxy;
let live: KubernetesAdapters;

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 1) });
  await installCrds(lab);
  await createResource(lab, "PlacementPolicy", "default", POLICY);
  await createResource(lab, "VariantAutoscaling", "chat", variantSpec("chat"));
  await lab.create(chat);
  proxy = await lab.faultProxy();
  live = await adapters(proxy.kubeconfig);
});
beforeEach(() => proxy.clear());
afterAll(async () => {
  live?.close();
  await lab?.stop();
});

const isScaleWrite = ({ method, path }: { method: string; path: string }) =>
  method === "PATCH" && path.endsWith("/scale");

let revision = 0;
/** Scales by one, and says how often the count was written. */
async function scaleByOne(fault: Fault, times: number) {
  const from = await lab.replicas(chat);
  const before = proxy.seen.length;
  proxy.inject({ match: isScaleWrite, fault, times });
  revision += 1;
  const target = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "chat" };
  const command = { variant: "default/chat", ...target, from, to: from + 1, deletionCosts: [] };
  const [outcome] = await live.actuator.apply(revision, [[command]], () => true);
  // A conflict of the API server's own (the controller wrote the status in between) is asked again, rightly.
  const ownConflict = ({ code, fault: injected }: { code: number; fault?: string }) =>
    code === 409 && injected === undefined;
  const writes = proxy.seen.slice(before).filter((seen) => isScaleWrite(seen) && !ownConflict(seen)).length;
  return { result: outcome?.result, message: outcome?.message, writes, change: (await lab.replicas(chat)) - from };
}

test.each<[string, Fault, number, number[]]>([
  ["a conflict that says nothing of the count", { type: "status", code: 409 }, 2, [3]],
  ["too many requests", { type: "status", code: 429, retryAfterSeconds: 1 }, 1, [2]],
  ["errors of the server", { type: "status", code: 500 }, 2, [3]],
  ["a cut before anything was passed on", { type: "cut" }, 1, [2]],
  // It may be asked for again before the first write shows; that one is refused, since the target has changed.
  ["an answer that was lost", { type: "cut-answer" }, 1, [1, 2]],
])("%s: the count is written once in effect", async (_name, fault, times, writes) => {
  const outcome = await scaleByOne(fault, times);
  expect(outcome).toMatchObject({ result: "done", change: 1 });
  expect(writes).toContain(outcome.writes);
});

test("a storm that does not end is reported", async () => {
  const outcome = await scaleByOne({ type: "status", code: 500 }, 100);
  expect(outcome).toMatchObject({ result: "failed", change: 0, message: expect.stringMatching(/^server: /) });
});

test.each([
  [{ type: "status", code: 500 } as const, "server"],
  [{ type: "status", code: 429 } as const, "throttled"],
  [{ type: "status", code: 403 } as const, "forbidden"],
  [{ type: "cut" } as const, "unreachable"],
])("nodes answered with %j: the inventory is unknown, and what was read stays", async (fault, kind) => {
  expect((await live.cluster.read(Date.now())).inventory.known).toBe(true);
  proxy.inject({ match: ({ path }) => path === "/api/v1/nodes", fault });
  const { inventory, unread } = await live.cluster.read(Date.now());
  expect(inventory).toMatchObject({ known: false, nodes: [{ name: "h100-1" }] });
  expect(inventory.reason).toContain(`nodes could not be read: ${kind}`);
  expect(unread).toHaveLength(1);
});

test("watches wake up on what matters, and again after cuts, silence, 500, 410 and a restarted API server", async () => {
  const woken: string[] = [];
  const warnings: string[] = [];
  const quiet = () => {};
  const log = { info: quiet, error: quiet, warn: (fields: object) => warnings.push(JSON.stringify(fields)) };
  const options = { settleMs: 20, idleMs: 1_500, minBackoffMs: 20, maxBackoffMs: 100 };
  const connection = await connect({ kubeconfigFile: proxy.kubeconfig });
  const feed = new KubernetesChangeFeed(new KubernetesApi(connection, 5_000), log, options);
  feed.start((what) => woken.push(what));
  let count = 0;
  const expectWoken = async () => {
    count += 1;
    await sleep(100);
    woken.length = 0;
    await lab.create(pod({ name: `p${count}`, devices: { "nvidia.com/gpu": 1 } }));
    await waitFor("a wake-up", async () => woken.some((what) => what.includes("pods")));
  };
  const watches = ({ query }: { query: URLSearchParams }) => query.get("watch") === "true";
  await waitFor("the first lists", async () => woken.length > 0);
  await expectWoken();
  proxy.cutAll();
  await expectWoken();
  proxy.inject({ match: watches, fault: { type: "status", code: 500 }, times: 8 });
  proxy.cutAll();
  await expectWoken();
  proxy.inject({ match: watches, fault: { type: "status", code: 410 }, times: 8 });
  proxy.cutAll();
  await expectWoken();
  proxy.inject({ match: watches, fault: { type: "hang" }, times: 8 });
  proxy.cutAll();
  await expectWoken();
  lab.component("kube-apiserver").pause();
  await sleep(2 * options.idleMs);
  lab.component("kube-apiserver").resume();
  await expectWoken();
  await lab.component("kube-apiserver").kill();
  await lab.component("kube-apiserver").start();
  await expectWoken();
  expect(warnings.length).toBeGreaterThan(0);
  await feed.stop();
  connection.agent.destroy();
});
