import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { GetMetricsResponse } from "../../../src/gen/externalscaler/externalscaler.ts";
import type { KubeObject } from "../lab/api.ts";
import { waitFor } from "../lab/cluster.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import { addVariant, clearFleet, cycles, patchVariant, setUpFleet, untilCondition, untilReplicas } from "./fleet.ts";
import { demandReport, type LiveService, promised, startService } from "./service.ts";

/** Who else decides: KEDA, a person's first `kubectl scale`, sources that are gone, drained nodes. */

const SCALED_OBJECT = { group: "keda.sh", version: "v1alpha1", kind: "ScaledObject", plural: "scaledobjects" };

let lab: Lab;
let service: LiveService;

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 3) });
  await lab.install(SCALED_OBJECT);
  await setUpFleet(lab, { demandStaleAfterSeconds: 3 });
  service = await startService(lab.kubeconfig);
}, 120_000);

afterAll(async () => {
  await service?.stop();
  await lab?.stop();
});

afterEach(() => clearFleet(lab));

test("a target of a ScaledObject that asks this service is planned, told to KEDA, and not written", async () => {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", name: "chat" };
  const handed = await lab.create({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "chat", namespace: "default" },
    spec: { scaleTargetRef: reference, triggers: [{ type: "external", metadata: { variant: "chat" } }] },
  });
  const hpa = await lab.create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "keda-hpa-chat", namespace: "default", labels: { "scaledobject.keda.sh/name": "chat" } },
    spec: {
      scaleTargetRef: reference,
      minReplicas: 1,
      maxReplicas: 6,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    },
  });
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1, spec: { demandPerSecond: 15 } });
  await untilCondition(lab, "chat", "Actuated", "False", "HandedToKeda");
  await untilCondition(lab, "chat", "Conflict", "False", "None");
  const scaledObjectRef = { name: "chat", namespace: "default", scalerMetadata: { variant: "chat" } };
  const { metricValues } = await promised<GetMetricsResponse>((done) =>
    service.scaler.getMetrics({ scaledObjectRef, metricName: "" }, done),
  );
  expect(metricValues[0]?.metricValueFloat).toBe(3);
  await cycles(service, 3);
  expect(await lab.replicas(chat)).toBe(1);
  // As the HPA would: no pin, and the plan goes on.
  await lab.scale(chat, 3);
  await untilCondition(lab, "chat", "Actuated", "True", "AsPlanned");
  await patchVariant(lab, "chat", { demandPerSecond: 10 });
  await waitFor("the next count", async () => (await service.variant("chat")).desired === 2);
  await lab.remove(handed);
  await lab.remove(hpa);
  await untilReplicas(lab, [[chat, 2]]);
}, 120_000);

test("the first kubectl scale of a target that was never written stands", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1, spec: { demandPerSecond: 5 } });
  await untilCondition(lab, "chat", "Actuated", "True", "AsPlanned");
  await cycles(service, 2);
  await lab.scale(chat, 3);
  await waitFor("the pin", async () => (await service.variant("chat")).reasonCode === "ManualPin");
  await cycles(service, 3);
  expect(await lab.replicas(chat)).toBe(3);
}, 120_000);

test("a source that is forgotten no longer keeps its workload from shrinking", async () => {
  const chat = await addVariant(lab, "chat", { workload: "reported" });
  const report = (source: string, sequence: number, rate: number) =>
    promised((done) =>
      service.demand.reportDemand({ report: demandReport(source, sequence, { reported: rate }) }, done),
    );
  await report("retired", 1, 10);
  await report("gateway", 1, 5);
  await untilReplicas(lab, [[chat, 3]]);
  let sequence = 1;
  const reporting = setInterval(() => void report("gateway", ++sequence, 5), 500);
  try {
    await untilCondition(lab, "chat", "MetricsAvailable", "False", "DemandPartlyStale");
    await cycles(service, 2);
    expect(await lab.replicas(chat)).toBe(3);
    expect((await service.cli("sources", "list")).stdout).toMatch(/retired.*stale.*default\/reported=10/);
    const forgotten = await service.cli("sources", "forget", "retired", "--reason", "replaced", "--author", "ada");
    expect(forgotten).toMatchObject({ code: 0, stdout: "retired is forgotten\n" });
    await untilReplicas(lab, [[chat, 1]]);
    const audit = await service.cli("override", "audit", "--format", "json");
    expect(audit.stdout).toContain("source forgotten");
    expect((await service.cli("sources", "forget", "retired", "--reason", "again")).code).not.toBe(0);
  } finally {
    clearInterval(reporting);
  }
}, 120_000);

test("replicas leave a node that an override drains one by one, and the node is opened again after it", async () => {
  const node = (name: string): Promise<KubeObject> => lab.api.get(`/api/v1/nodes/${name}`);
  const chat = await addVariant(lab, "chat", { workload: "drained", replicas: 4, spec: { demandPerSecond: 20 } });
  const pods = await lab.readyPods("app=chat", 4);
  await untilCondition(lab, "chat", "Actuated", "True", "AsPlanned");
  const drained = pods[0]?.spec.nodeName as string;
  const set = await service.cli(
    ...["override", "set", "drain", `node:${drained}`, "--reason", "firmware", "--author", "ada", "--yes"],
    ...["--format", "json"],
  );
  expect(set.code).toBe(0);
  let fewest = 4;
  await waitFor("the node to be empty", async () => {
    const present = (await lab.pods("app=chat")).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const ready = present.filter((pod) =>
      pod.status?.conditions?.some((c: { type: string; status: string }) => c.type === "Ready" && c.status === "True"),
    );
    fewest = Math.min(fewest, ready.length);
    return ready.length === 4 && present.every((pod) => pod.spec.nodeName !== drained);
  });
  expect(fewest).toBeGreaterThanOrEqual(3);
  expect(await lab.replicas(chat)).toBe(4);
  expect((await node(drained)).spec.unschedulable).toBe(true);
  const { id } = JSON.parse(set.stdout) as { id: string };
  expect((await service.cli("override", "list")).stdout).toContain(`no replica is on node ${drained}`);
  expect((await service.cli("override", "clear", id, "--reason", "done", "--author", "ada")).code).toBe(0);
  await waitFor("the node to be open", async () => (await node(drained)).spec.unschedulable !== true);
  const audit = await service.cli("override", "audit", "--format", "json");
  expect(audit.stdout).toContain(`node ${drained} cordoned`);
  expect(audit.stdout).toContain("evicted");
}, 120_000);
