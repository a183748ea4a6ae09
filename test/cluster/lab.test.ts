import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KubeObject } from "./lab/api.ts";
import { condition, isReady, waitFor } from "./lab/cluster.ts";
import { type Lab, startLab } from "./lab/lab.ts";
import { playLeaderWorkerSets } from "./lab/leader-worker-sets.ts";
import {
  acceleratorNodes,
  deployment,
  LEADER_WORKER_SET,
  leaderWorkerSet,
  node,
  pod,
  statefulSet,
} from "./lab/objects.ts";
import { SIM } from "./lab/stages.ts";
import { runningPids } from "./lab/state.ts";

const GPU = "nvidia.com/gpu";
const TAINT = { key: "dedicated", value: "team-a", effect: "NoSchedule" } as const;

let lab: Lab;
beforeAll(async () => {
  const tainted = acceleratorNodes("mi300x", 1, { taints: [TAINT] });
  lab = await startLab({ nodes: [...acceleratorNodes("h100", 3), ...tainted], readyDelayMs: 100 });
});
afterAll(() => lab?.stop());
afterEach(() => lab.clear());

const byPhase = (pods: KubeObject[], phase: string) => pods.filter((entry) => entry.status?.phase === phase);
const secondsBetween = (from?: string, to?: string) => (Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000;
const waiting = (entry?: KubeObject) => entry?.status?.containerStatuses?.[0]?.state?.waiting?.reason;

const waitUntilReady = (object: KubeObject, status: "True" | "False") =>
  waitFor(`${object.metadata.name} to have Ready=${status}`, async () => {
    return condition(await lab.read(object), "Ready")?.status === status;
  });

async function pendingMessages(selector: string, count: number): Promise<string[]> {
  return waitFor(`${count} unschedulable pods`, async () => {
    const refused = (await lab.pods(selector)).map((entry) => condition(entry, "PodScheduled"));
    const messages = refused.filter((entry) => entry?.reason === "Unschedulable").map((entry) => entry?.message ?? "");
    return messages.length === count && messages;
  });
}

describe("nodes and pods", () => {
  test("are placed by the real scheduler: 6 pods of 4 devices on 3 × 8, the next ones find none", async () => {
    const decode = deployment({ name: "decode", devices: { [GPU]: 4 } });
    await lab.create(decode);
    await lab.scale(decode, 6);
    const pods = await lab.readyPods("app=decode", 6);
    const nodes = pods.map((entry) => entry.spec.nodeName).sort();
    expect(nodes).toEqual(["h100-1", "h100-1", "h100-2", "h100-2", "h100-3", "h100-3"]);

    await lab.scale(decode, 8);
    for (const message of await pendingMessages("app=decode", 2)) expect(message).toContain(`Insufficient ${GPU}`);
    // Its place goes to a pod that waits.
    await lab.remove(pods[0] as KubeObject);
    await waitFor("the freed place to be taken", async () => {
      const now = await lab.pods("app=decode");
      return (
        now.length === 8 &&
        now.filter(isReady).length === 6 &&
        now.every((entry) => entry.metadata.uid !== pods[0]?.metadata.uid)
      );
    });
    await lab.scale(decode, 0);
    await waitFor("all to be gone", async () => (await lab.pods("app=decode")).length === 0);
    expect(await lab.replicas(decode)).toBe(0);
  });

  test("respect taints, tolerations and node selectors", async () => {
    const spec = { name: "amd", replicas: 1, devices: { "amd.com/gpu": 8 } };
    await lab.create(deployment(spec));
    expect((await pendingMessages("app=amd", 1))[0]).toContain("untolerated taint");
    await lab.create(
      deployment({ ...spec, name: "tolerant", tolerations: [{ key: "dedicated", operator: "Exists" }] }),
    );
    await lab.readyPods("app=tolerant", 1);
    await lab.create(
      deployment({ name: "l40s", replicas: 1, nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L40S" } }),
    );
    expect((await pendingMessages("app=l40s", 1))[0]).toContain("node affinity/selector");
  });

  test("start when their annotation says, one after the other in an ordered StatefulSet", async () => {
    const annotations = { [SIM.readyDelay]: "1500ms" };
    await lab.create(statefulSet({ name: "prefill", replicas: 2, devices: { [GPU]: 1 }, annotations }, "OrderedReady"));
    const [first, second] = await lab.readyPods("app=prefill", 2);
    expect(first!.metadata.name).toBe("prefill-0");
    // Times in Kubernetes are whole seconds.
    const readyAt = condition(first!, "Ready")!.lastTransitionTime;
    expect(secondsBetween(first!.status.startTime, readyAt)).toBeGreaterThanOrEqual(1);
    expect(secondsBetween(readyAt, second!.metadata.creationTimestamp)).toBeGreaterThanOrEqual(0);
  });

  test("crash and recover as their annotations say", async () => {
    const annotations = { [SIM.crash]: "50ms", [SIM.crashReason]: "OOMKilled", [SIM.crashBackoff]: "300ms" };
    const crashing = pod({ name: "crashing", devices: { [GPU]: 1 }, annotations });
    await lab.create(crashing);
    const seen = await waitFor("two crashes", async () => {
      const entry = await lab.read(crashing);
      return entry.status.containerStatuses?.[0]?.restartCount >= 2 && waiting(entry) === "CrashLoopBackOff" && entry;
    });
    expect(seen.status.containerStatuses[0].lastState.terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
    expect(isReady(seen)).toBe(false);
    await lab.annotate(crashing, { [SIM.crash]: null });
    await waitUntilReady(crashing, "True");
    await lab.annotate(crashing, { [SIM.crash]: "50ms", [SIM.crashBackoff]: "1h" });
    await waitFor("a ready pod to crash", async () => waiting(await lab.read(crashing)) === "CrashLoopBackOff");
  });

  test("stay pending where their image cannot be had", async () => {
    await lab.create(
      pod({ name: "no-image", devices: { [GPU]: 1 }, annotations: { [SIM.imagePull]: "ErrImagePull" } }),
    );
    const found = await waitFor("the error", async () => (await lab.pods("app=no-image")).find(waiting));
    expect(waiting(found)).toBe("ErrImagePull");
    expect(byPhase([found], "Pending")).toHaveLength(1);
  });

  test("leave only after their delete delay", async () => {
    const slow = pod({ name: "slow", annotations: { [SIM.deleteDelay]: "1s" } });
    await lab.create(slow);
    await lab.readyPods("app=slow", 1);
    await lab.remove(slow);
    expect((await lab.read(slow)).metadata.deletionTimestamp).toBeTruthy();
    await waitFor("it to be gone", async () => (await lab.pods("app=slow")).length === 0);
  });

  test("a node that is not ready gets no pods, and comes back", async () => {
    const [spec] = acceleratorNodes("l40s", 1, { annotations: { [SIM.notReady]: "true" } });
    const spare = node(spec!);
    onTestFinished(() => lab.remove(spare));
    await lab.addNodes([spec!]);
    await waitUntilReady(spare, "False");
    await lab.create(
      deployment({ name: "waits", replicas: 1, nodeSelector: { "kubernetes.io/hostname": spec!.name } }),
    );
    await pendingMessages("app=waits", 1);
    await lab.annotate(spare, { [SIM.notReady]: null });
    await lab.readyPods("app=waits", 1);
    await lab.annotate(spare, { [SIM.notReady]: "true" });
    await waitUntilReady(spare, "False");
  });
});

test("a LeaderWorkerSet has /scale and makes groups of pods", async () => {
  await lab.install(LEADER_WORKER_SET);
  const controller = playLeaderWorkerSets(lab);
  onTestFinished(() => controller.stop());
  const set = await lab.create(leaderWorkerSet({ name: "big", replicas: 0, devices: { [GPU]: 8 } }, 2));
  expect(await lab.replicas(set)).toBe(0);
  await lab.scale(set, 1);
  const selector = "leaderworkerset.sigs.k8s.io/name=big";
  const members = await lab.readyPods(selector, 2);
  expect(members.map((entry) => entry.metadata.name)).toEqual(["big-0", "big-0-1"]);
  await waitFor("its status", async () => (await lab.read(set)).status?.readyReplicas === 1);
  await lab.scale(set, 2);
  expect((await pendingMessages(selector, 1))[0]).toContain(`Insufficient ${GPU}`);
  await lab.scale(set, 0);
  await waitFor("its pods to be gone", async () => (await lab.pods(selector)).length === 0);
  await lab.remove(set);
});

describe("faults", () => {
  test("the API server can be killed and started again; what it knew is still there", async () => {
    await lab.create(deployment({ name: "kept", replicas: 1 }));
    await lab.readyPods("app=kept", 1);
    const apiServer = lab.component("kube-apiserver");
    await apiServer.kill();
    expect(apiServer.alive()).toBe(false);
    expect(await lab.api.answers("/readyz")).toBe(false);
    await apiServer.start();
    await lab.scale(deployment({ name: "kept" }), 2);
    await lab.readyPods("app=kept", 2);
  });

  test("a paused controller manager does nothing until it is resumed", async () => {
    const manager = lab.component("kube-controller-manager");
    manager.pause();
    await lab.create(deployment({ name: "paused", replicas: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await lab.pods("app=paused")).toEqual([]);
    manager.resume();
    await lab.readyPods("app=paused", 1);
  });
});

test("a client reads the kubeconfig, and can be led through the fault proxy", async () => {
  const { KubeConfig, CoreV1Api } = await import("@kubernetes/client-node");
  const proxy = await lab.faultProxy();
  const nodesThrough = async (path: string) => {
    const config = new KubeConfig();
    config.loadFromFile(path);
    return (await config.makeApiClient(CoreV1Api).listNode()).items.map((entry) => entry.metadata?.name);
  };
  const direct = await nodesThrough(lab.kubeconfig);
  expect(direct).toEqual(["h100-1", "h100-2", "h100-3", "mi300x-1"]);
  const fault = proxy.inject({ fault: { type: "status", code: 429, retryAfterSeconds: 1 }, times: 1 });
  await expect(nodesThrough(proxy.kubeconfig)).rejects.toMatchObject({ code: 429 });
  expect(fault.hits).toBe(1);
  expect(await nodesThrough(proxy.kubeconfig)).toEqual(direct);
  expect(proxy.seen.map(({ path, code }) => `${path} ${code}`)).toEqual(["/api/v1/nodes 429", "/api/v1/nodes 200"]);
});

describe("an end", () => {
  test("stop leaves neither processes nor files, and may be called again", async () => {
    const second = await startLab();
    expect(runningPids(second.dir)).toHaveLength(5);
    const pids = runningPids(second.dir);
    second.component("etcd").pause();
    await second.stop();
    await second.stop();
    expect(existsSync(second.dir)).toBe(false);
    // The kernel takes a process's memory, by which it is known, before it takes the process.
    await waitFor("its processes to be gone", async () => !pids.some(isRunning));
  });

  test("of the process that started it, even by SIGKILL, ends the lab", async () => {
    const script =
      'import { startLab } from "./lab/lab.ts"; const lab = await startLab(); console.log(lab.dir); setInterval(() => {}, 1000);';
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [dir] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const pids = runningPids(dir);
    expect(pids).toHaveLength(5);
    child.kill("SIGKILL");
    await waitFor("its processes to be gone", async () => !pids.some(isRunning) && !existsSync(dir));
  });
});

/** True for a process that is there and no zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = join("/proc", String(pid), "status");
  return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, "utf8")));
}
