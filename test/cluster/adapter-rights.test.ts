import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import type { KubernetesAdapters } from "../../src/adapters/kubernetes/adapters.ts";
import { KubernetesApi } from "../../src/adapters/kubernetes/api/client.ts";
import { type Connection, connect } from "../../src/adapters/kubernetes/api/connection.ts";
import { EMPTY_MEMORY } from "../../src/snapshot/world/memory.ts";
import { renderedChart } from "../deploy/render.ts";
import { adapters, createResource, installCrds, POLICY, resourcePath, variantSpec } from "./adapter-fixtures.ts";
import { apply } from "./apply.ts";
import type { KubeObject } from "./lab/api.ts";
import { waitFor } from "./lab/cluster.ts";
import { type Lab, startLab } from "./lab/lab.ts";
import { acceleratorNodes, deployment, pod } from "./lab/objects.ts";

/** The service under exactly the rights that the manifests give its service account. */

const MANIFESTS = new URL("../../deploy/manifests/apportion.yaml", import.meta.url);
const NAMESPACE = "apportion";
const GPU = "nvidia.com/gpu";
let lab: Lab;
let account: Connection;
let live: KubernetesAdapters;

const manifests = parseAllDocuments(readFileSync(MANIFESTS, "utf8")).map((document) => document.toJS() as KubeObject);

/** A kubeconfig like the lab's, of the service account. */
async function accountKubeconfig(): Promise<string> {
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/apportion/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { status } = await lab.api.post(path, request);
  const config = parse(readFileSync(lab.kubeconfig, "utf8"));
  config.users[0].user = { token: status.token };
  const file = join(lab.dir, "account.kubeconfig");
  writeFileSync(file, stringify(config));
  return file;
}

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 1) });
  await installCrds(lab);
  await lab.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  for (const object of manifests) await apply(lab, object);
  await createResource(lab, "PlacementPolicy", "default", POLICY);
  await createResource(lab, "VariantAutoscaling", "chat", variantSpec("chat"));
  await lab.create(deployment({ name: "chat", replicas: 2, devices: { [GPU]: 1 } }));
  await lab.create(pod({ name: "huge", devices: { [GPU]: 16 } }));
  await lab.readyPods("app=chat", 2);
  const file = await accountKubeconfig();
  account = await connect({ kubeconfigFile: file });
  live = await adapters(file, "test", NAMESPACE);
});
afterAll(async () => {
  live?.close();
  account?.agent.destroy();
  await lab?.stop();
});

test("it may read all that a plan needs", async () => {
  const reading = await live.cluster.read(Date.now());
  expect(reading.unread).toEqual([]);
  expect(reading.targets).toMatchObject([{ found: true, problem: undefined, devicesPerReplica: 1 }]);
});

test("it may scale, set deletion costs, and tell what it did", async () => {
  const [first] = await lab.pods("app=chat");
  const deletionCosts = [{ namespace: "default", pod: first?.metadata.name ?? "", cost: -5 }];
  const target = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "chat" };
  const command = { variant: "default/chat", ...target, from: 2, to: 1, deletionCosts };
  const outcomes = await live.actuator.apply(1, [[command]], () => true);
  expect(outcomes).toMatchObject([{ result: "done", message: "2 to 1" }]);
  const left = await lab.readyPods("app=chat", 1);
  expect(left[0]?.metadata.name).not.toBe(first?.metadata.name);
  const policy = { summary: "fine" };
  const report = { atMs: Date.now(), variants: new Map(), overrides: new Map(), policy };
  expect(await live.status.write(report)).toMatchObject({ written: 1, failed: [] });
  const { variants } = await live.cluster.read(Date.now());
  const uid = variants[0]?.uid ?? "";
  await live.events.publish([{ variant: "default/chat", uid, type: "Normal", reason: "Scaled", message: "2 to 1" }]);
  const query = `?fieldSelector=${encodeURIComponent(`involvedObject.uid=${uid}`)}`;
  expect(await lab.api.list(`/api/v1/namespaces/default/events${query}`)).toHaveLength(1);
});

test("it may keep its memory, hold its lease and keep overrides", async () => {
  await live.memory.save({ ...EMPTY_MEMORY, revision: 1 }, 0);
  expect(await live.memory.load()).toMatchObject({ revision: 1 });
  const lease = live.lease({ onLead: () => {}, onLost: () => {} });
  lease.start();
  await waitFor("the lease", async () => lease.mayAct());
  await lease.stop();
  const subject = { kind: "node" as const, name: "h100-1" };
  const text = { reason: "firmware", author: "ada" };
  await live.overrides.put({ id: "d", action: { type: "drain" }, subject, ...text, createdAtMs: 0 });
  expect(await live.overrides.list()).toHaveLength(1);
  expect(await live.overrides.remove("d")).toBe(true);
});

/** The role of the chart with these values. */
async function grant(...values: string[]): Promise<void> {
  const rendered = parseAllDocuments(await renderedChart(...values)).map((each) => each.toJS() as KubeObject);
  const role = rendered.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "apportion");
  await apply(lab, role!);
}

test("it may not drain nodes, and says what would let it", async () => {
  const evict = [{ namespace: "default", pod: "huge" }];
  const { done, failed } = await live.actuator.drain({ cordon: ["h100-1"], uncordon: [], evict }, "a/b", () => true);
  expect(done).toBe(0);
  expect(failed).toMatchObject([{ name: "node h100-1", reason: expect.stringMatching(/^forbidden: .*drainNodes/) }]);
});

test("where the chart lets it, it may cordon a node, evict a pod, and open the node again", async () => {
  await grant("drainNodes=true");
  const node = () => lab.api.get("/api/v1/nodes/h100-1");
  const [pod] = await lab.readyPods("app=chat", 1);
  const evict = [{ namespace: "default", pod: pod?.metadata.name ?? "" }];
  const label = "apportion.dev/drained";
  const drain = { cordon: ["h100-1"], uncordon: [], evict };
  await waitFor("the role to be in force", async () => {
    const probe = { cordon: [], uncordon: ["h100-1"], evict: [] };
    return (await live.actuator.drain(probe, label, () => true)).failed.length === 0;
  });
  expect(await live.actuator.drain(drain, label, () => true)).toEqual({ done: 2, failed: [] });
  expect(await node()).toMatchObject({ spec: { unschedulable: true }, metadata: { labels: { [label]: "true" } } });
  const open = { cordon: [], uncordon: ["h100-1"], evict: [] };
  expect(await live.actuator.drain(open, label, () => true)).toEqual({ done: 1, failed: [] });
  expect((await node()).spec.unschedulable).toBeUndefined();
  expect((await node()).metadata.labels).not.toHaveProperty([label]);
});

test("it may ask for usage of pods only where a source of signals does", async () => {
  // The lab has no metrics API: what is allowed is not found.
  const usage = () => new KubernetesApi(account).get("/apis/metrics.k8s.io/v1beta1/pods");
  await expect(usage()).rejects.toMatchObject({ kind: "forbidden" });
  const source = "signals.sources[0]";
  await grant(
    `${source}.name=usage`,
    `${source}.type=kubernetes-metrics`,
    `${source}.url=https://kubernetes.default.svc`,
  );
  await waitFor("the role to be in force", () =>
    usage().then(
      () => false,
      ({ kind }: { kind: string }) => kind === "notFound",
    ),
  );
});

test("it may watch", async () => {
  const woken: string[] = [];
  live.changes.start((what) => woken.push(what));
  await waitFor("all lists", async () => woken.join().includes("pods"));
  await live.changes.stop();
});

test.each([
  ["GET", "/api/v1/namespaces/apportion/secrets"],
  ["GET", "/api/v1/namespaces/default/configmaps"],
  ["PATCH", "/apis/apps/v1/namespaces/default/deployments/chat"],
  ["DELETE", "/api/v1/namespaces/default/pods/huge"],
  ["PATCH", "/api/v1/nodes/h100-1/status"],
  ["PATCH", resourcePath("VariantAutoscaling", "chat")],
])("it may not %s %s", async (method, path) => {
  const api = new KubernetesApi(account);
  const request = method === "GET" ? api.get(path) : method === "PATCH" ? api.patch(path, {}) : api.remove(path);
  await expect(request).rejects.toMatchObject({ kind: "forbidden" });
});

test("the author of an override is whoever creates it", async () => {
  const spec = { action: "freeze", subject: { name: "default/chat" }, reason: "incident" };
  // A policy is in force a moment after it was created.
  await waitFor("the policy to be in force", async () => {
    const name = `probe-${Date.now()}`;
    const refused = await createResource(lab, "PlacementOverride", name, { ...spec, author: "mallory" }).then(
      () => false,
      (error: Error) => /spec.author must be/.test(error.message),
    );
    return refused;
  });
});
