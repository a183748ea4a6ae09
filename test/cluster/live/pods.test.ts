import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { waitFor } from "../lab/cluster.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes, pod } from "../lab/objects.ts";
import { SIM } from "../lab/stages.ts";
import { addVariant, clearFleet, cycles, patchVariant, setUpFleet, untilCondition, untilReplicas } from "./fleet.ts";
import { type LiveService, startService } from "./service.ts";

/** What nodes and pods do, seen by the service. The names of cases are those of the list of cases. */

let lab: Lab;
let service: LiveService;

beforeAll(async () => {
  lab = await startLab({ nodes: [...acceleratorNodes("h100", 2), ...acceleratorNodes("l40s", 2)] });
  await setUpFleet(lab);
  service = await startService(lab.kubeconfig);
}, 120_000);

afterAll(async () => {
  await service?.stop();
  await lab?.stop();
});

afterEach(() => clearFleet(lab));

const H100 = { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" };

const nodeObject = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });

test("case 9: what foreign pods hold is not free, and free again when they are gone", async () => {
  const training = pod({ name: "training", devices: { "nvidia.com/gpu": 8 }, nodeSelector: H100 });
  await lab.create(training);
  await lab.readyPods("app=training", 1);
  const chat = await addVariant(lab, "chat", { workload: "chat", gpus: 8, spec: { demandPerSecond: 10 } });
  await untilReplicas(lab, [[chat, 1]]);
  await lab.readyPods("app=chat", 1);
  await cycles(service, 2);
  expect(await lab.replicas(chat)).toBe(1);
  expect((await service.cli("why", "default/chat")).stdout).toContain("50 % of its demand");

  await lab.remove(training);
  await untilReplicas(lab, [[chat, 2]]);
  await lab.readyPods("app=chat", 2);
}, 120_000);

test.each([
  ["cordoned", { spec: { unschedulable: true } }, { spec: { unschedulable: null } }],
  ["tainted", { spec: { taints: [{ key: "team", value: "a", effect: "NoSchedule" }] } }, { spec: { taints: null } }],
  [
    "not ready",
    { metadata: { annotations: { [SIM.notReady]: "true" } } },
    { metadata: { annotations: { [SIM.notReady]: null } } },
  ],
])(
  "case 10: a node that is %s takes nothing new, and does again when that is over",
  async (_what, broken, mended) => {
    const chat = await addVariant(lab, "chat", { workload: "chat", gpus: 8, spec: { demandPerSecond: 5 } });
    await untilReplicas(lab, [[chat, 1]]);
    const [replica] = await lab.readyPods("app=chat", 1);
    const node = nodeObject(replica?.spec.nodeName === "h100-1" ? "h100-2" : "h100-1");
    await lab.patch(node, broken);
    await cycles(service, 2);
    await patchVariant(lab, "chat", { demandPerSecond: 10 });
    await cycles(service, 2);
    expect(await lab.replicas(chat)).toBe(1);
    await lab.patch(node, mended);
    await untilReplicas(lab, [[chat, 2]]);
    await lab.readyPods("app=chat", 2);
  },
  120_000,
);

test("case 10: a cordon while a replica starts there leaves it where it is, and no other comes", async () => {
  const chat = await addVariant(lab, "chat", {
    workload: "chat",
    gpus: 4,
    annotations: { [SIM.readyDelay]: "2s" },
    spec: { demandPerSecond: 5 },
  });
  await untilReplicas(lab, [[chat, 1]]);
  const [starting] = await waitFor("a node for it", async () => {
    const pods = await lab.pods("app=chat");
    return pods[0]?.spec.nodeName !== undefined && pods;
  });
  const nodes = ["h100-1", "h100-2"].map(nodeObject);
  for (const node of nodes) await lab.patch(node, { spec: { unschedulable: true } });
  await patchVariant(lab, "chat", { demandPerSecond: 20 });
  const [ready] = await lab.readyPods("app=chat", 1);
  await cycles(service, 2);
  expect(ready?.metadata.name).toBe(starting?.metadata.name);
  expect(await lab.replicas(chat)).toBe(1);
  for (const node of nodes) await lab.patch(node, { spec: { unschedulable: null } });
  await untilReplicas(lab, [[chat, 4]]);
}, 120_000);

test("case 14: from zero only the variant that the plan chose wakes", async () => {
  const dear = await addVariant(lab, "dear", { workload: "chat", spec: { demandPerSecond: 0 } });
  const cheap = await addVariant(lab, "cheap", {
    workload: "chat",
    accelerator: "l40s",
    spec: { demandPerSecond: 0, capacityPerSecond: 4 },
  });
  await untilCondition(lab, "cheap", "Planned", "True", "Optimal");
  expect([await lab.replicas(dear), await lab.replicas(cheap)]).toEqual([0, 0]);
  await patchVariant(lab, "dear", { demandPerSecond: 4 });
  await patchVariant(lab, "cheap", { demandPerSecond: 4 });
  await untilReplicas(lab, [
    [dear, 0],
    [cheap, 1],
  ]);
  await lab.readyPods("app=cheap", 1);
  await cycles(service, 2);
  expect([await lab.replicas(dear), await lab.replicas(cheap)]).toEqual([0, 1]);
}, 120_000);

test("case 18: replicas that are not ready yet count as coming: none is asked for twice", async () => {
  const chat = await addVariant(lab, "chat", {
    workload: "chat",
    annotations: { [SIM.readyDelay]: "1h" },
    spec: { demandPerSecond: 10 },
  });
  await untilReplicas(lab, [[chat, 2]]);
  await waitFor("both to start", async () => (await service.variant("chat")).starting === 2);
  await cycles(service, 3);
  expect(await service.variant("chat")).toMatchObject({ current: 2, desired: 2, ready: 0, starting: 2, pending: 0 });
}, 120_000);

test("case 19: stuck pending is placed elsewhere, and trust comes back by a probe", async () => {
  // The scheduler refuses for a reason that no inventory tells.
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: "blocker" } }, topologyKey: "kubernetes.io/os" },
      ],
    },
  };
  const blocker = pod({ name: "blocker" });
  await lab.create(blocker);
  await lab.readyPods("app=blocker", 1);
  const cheap = await addVariant(lab, "cheap", {
    workload: "chat",
    accelerator: "l40s",
    affinity,
    spec: { demandPerSecond: 5 },
  });
  const dear = await addVariant(lab, "dear", { workload: "chat", spec: { demandPerSecond: 5 } });
  await untilReplicas(lab, [[dear, 1]]);
  await lab.readyPods("app=dear", 1);
  await waitFor("trust to be lost", async () => (await service.cli("why", "default/cheap")).stdout.includes("Trust"));

  await lab.remove(blocker);
  await untilReplicas(lab, [
    [cheap, 1],
    [dear, 0],
  ]);
  await lab.readyPods("app=cheap", 1);
}, 180_000);

test("crash loops are quarantined, and their demand is placed elsewhere", async () => {
  const cheap = await addVariant(lab, "cheap", {
    workload: "chat",
    accelerator: "l40s",
    annotations: { [SIM.crash]: "100ms", [SIM.crashBackoff]: "1h" },
    spec: { demandPerSecond: 5 },
  });
  const dear = await addVariant(lab, "dear", { workload: "chat", spec: { demandPerSecond: 5 } });
  await untilReplicas(lab, [[dear, 1]]);
  await lab.readyPods("app=dear", 1);
  const why = await waitFor("the quarantine to be told", async () => {
    const { stdout } = await service.cli("why", "default/cheap");
    return stdout.includes("Quarantined") && stdout;
  });
  expect(why).toContain("CrashLoopBackOff");
  expect(await lab.replicas(cheap)).toBeLessThanOrEqual(1);
}, 120_000);
