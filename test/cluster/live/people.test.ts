import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createResource, resourcePath } from "../adapter-fixtures.ts";
import type { KubeObject } from "../lab/api.ts";
import { waitFor } from "../lab/cluster.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { playLeaderWorkerSets } from "../lab/leader-worker-sets.ts";
import { acceleratorNodes, LEADER_WORKER_SET, leaderWorkerSet } from "../lab/objects.ts";
import {
  addVariant,
  addVariantOf,
  clearFleet,
  cycles,
  patchPolicy,
  patchVariant,
  setUpFleet,
  untilCondition,
  untilReplicas,
} from "./fleet.ts";
import { type LiveService, runCli, startService } from "./service.ts";

/** What people and other controllers do to targets, resources and overrides, and what the command line tells them. */

let lab: Lab;
let service: LiveService;

beforeAll(async () => {
  lab = await startLab({ nodes: [...acceleratorNodes("h100", 2), ...acceleratorNodes("l40s", 2)] });
  await setUpFleet(lab, { manualPinSeconds: 20 });
  service = await startService(lab.kubeconfig);
}, 120_000);

afterAll(async () => {
  await service?.stop();
  await lab?.stop();
});

afterEach(() => clearFleet(lab));

function autoscaler(target: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = target;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: metadata.name, namespace: "default" },
    spec: {
      scaleTargetRef: { apiVersion, kind, name: metadata.name },
      minReplicas: 1,
      maxReplicas: 4,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    },
  };
}

test("case 20: a target that an HPA scales is left alone and reported, until the HPA is gone", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1, spec: { demandPerSecond: 5 } });
  const hpa = await lab.create(autoscaler(chat));
  await lab.readyPods("app=chat", 1);
  const found = await untilCondition(lab, "chat", "Conflict", "True", "OwnedByOther");
  expect(found.message).toContain("HorizontalPodAutoscaler default/chat");
  await patchVariant(lab, "chat", { demandPerSecond: 15 });
  await cycles(service, 3);
  expect(await lab.replicas(chat)).toBe(1);
  await lab.remove(hpa);
  await untilReplicas(lab, [[chat, 3]]);
  await untilCondition(lab, "chat", "Conflict", "False", "None");
}, 120_000);

test("case 21: a replica of a LeaderWorkerSet is a whole group, all or nothing", async () => {
  await lab.install(LEADER_WORKER_SET);
  const controller = playLeaderWorkerSets(lab);
  const spec = {
    name: "big",
    devices: { "nvidia.com/gpu": 8 },
    nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L40S" },
  };
  const big = leaderWorkerSet(spec, 2);
  await lab.create(big);
  const { apiVersion, kind } = big;
  // Two groups would meet the demand, and one has room: four nodes are asked for where there are two.
  await addVariantOf(lab, "big", "big", { apiVersion, kind, name: "big" }, { demandPerSecond: 10 });
  await untilReplicas(lab, [[big, 1]]);
  await lab.readyPods("app=big", 2);
  await waitFor("one ready replica", async () => (await service.variant("big")).ready === 1);
  await cycles(service, 2);
  expect(await service.variant("big")).toMatchObject({ current: 1, desired: 1, ready: 1, pending: 0, failing: 0 });
  await lab.remove(big);
  await controller.stop();
}, 120_000);

test("case 23: in mode approve a plan waits until a person approves it, and the audit trail says who and why", async () => {
  await patchPolicy(lab, { mode: "approve" });
  try {
    const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 10 } });
    const revision = await waitFor("a proposal", async () => (await service.status()).plan?.proposedRevision);
    await cycles(service, 2);
    expect(await lab.replicas(chat)).toBe(0);
    // What a person read is what they approve: while the plan stays the same, so does its revision.
    expect((await service.status()).plan?.proposedRevision).toBe(revision);
    expect((await service.cli("status")).stdout).toContain(`apportion approve ${revision}`);
    await untilCondition(lab, "chat", "Actuated", "False", "WaitsForApproval");
    const policy = await lab.api.get(resourcePath("PlacementPolicy", "default"));
    expect(policy.status.proposal).toEqual({ revision: Number(revision), summary: "default/chat 0 → 2" });

    const wrong = await service.cli("approve", String(revision + 1000n), "--reason", "a guess");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("does not wait for approval") });
    const approved = await service.cli("approve", String(revision), "--reason", "looks right", "--author", "ada");
    expect(approved.code).toBe(0);
    await untilReplicas(lab, [[chat, 2]]);
    const audit = await service.cli("override", "audit", "--format", "json");
    const events = JSON.parse(audit.stdout) as { actor: string; action: string; reason: string; effect: string }[];
    expect(events).toContainEqual(
      expect.objectContaining({ actor: "ada", action: "plan approved", reason: "looks right" }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ action: "plan acted", effect: expect.stringContaining("default/chat 0 → 2") }),
    );
  } finally {
    await patchPolicy(lab, { mode: "act" });
  }
}, 120_000);

test("modes observe and recommend write nothing", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 0 } });
  try {
    for (const [mode, reason] of [
      ["observe", "ModeObserve"],
      ["recommend", "ModeRecommend"],
    ] as const) {
      await patchPolicy(lab, { mode });
      await patchVariant(lab, "chat", { demandPerSecond: 10 });
      await untilCondition(lab, "chat", "Actuated", "False", reason);
      expect(await lab.replicas(chat)).toBe(0);
    }
  } finally {
    await patchPolicy(lab, { mode: "act" });
  }
  await untilReplicas(lab, [[chat, 2]]);
}, 120_000);

test("a person's kubectl scale stands for a time, and is shown", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 10 } });
  await untilReplicas(lab, [[chat, 2]]);
  await lab.readyPods("app=chat", 2);
  await cycles(service, 1);
  await lab.scale(chat, 3);
  const pinned = await waitFor("the pin to be told", async () => {
    const variant = await service.variant("chat");
    return variant.reasonCode === "ManualPin" && variant;
  });
  expect(pinned.reason).toContain("scaled it to 3");
  expect(await lab.replicas(chat)).toBe(3);
  // When its time is over, the plan counts again.
  await untilReplicas(lab, [[chat, 2]]);
}, 120_000);

test("a target that is deleted is told, and planned again when it is back", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  await untilReplicas(lab, [[chat, 1]]);
  await lab.remove(chat);
  await untilCondition(lab, "chat", "TargetResolved", "False", "TargetMissing");
  const again = { ...chat, spec: { ...chat.spec, replicas: 0 } };
  await lab.create(again);
  await untilReplicas(lab, [[again, 1]]);
  await untilCondition(lab, "chat", "TargetResolved", "True", "Found");
}, 120_000);

test("resources that are edited live are obeyed in the next cycle", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5, minReplicas: 2 } });
  const code = await addVariant(lab, "code", {
    workload: "code",
    spec: { demandPerSecond: 10, serviceClass: "batch" },
  });
  await untilReplicas(lab, [
    [chat, 2],
    [code, 2],
  ]);
  await patchVariant(lab, "chat", { minReplicas: 0 });
  await untilReplicas(lab, [[chat, 1]]);
  await patchVariant(lab, "chat", { demandPerSecond: 20, maxReplicas: 3 });
  await untilReplicas(lab, [
    [chat, 3],
    [code, 1],
  ]);
  await lab.api.patch(resourcePath("ServiceClass", "batch"), { spec: { priority: 0 } });
  await lab.api.patch(resourcePath("ServiceClass", "premium"), { spec: { priority: 5 } });
  await untilReplicas(lab, [
    [chat, 2],
    [code, 2],
  ]);
  await lab.api.patch(resourcePath("ServiceClass", "batch"), { spec: { priority: 10 } });
  await lab.api.patch(resourcePath("ServiceClass", "premium"), { spec: { priority: 0 } });
  await lab.api.delete(resourcePath("VariantAutoscaling", "code"));
  await untilReplicas(lab, [[chat, 2]]);
}, 120_000);

test("an override is shown at its cost, set, listed and cleared through the command line", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 10 } });
  await untilReplicas(lab, [[chat, 2]]);
  const nobody = await service.cli("override", "set", "pin", "default/chat", "--replicas", "0", "--reason", "why not");
  expect(nobody.code).toBe(2);
  expect(nobody.stderr).toContain("default/chat");
  const unknown = await service.cli(
    "override",
    "set",
    "pin",
    "default/chta",
    "--replicas",
    "1",
    "--reason",
    "x y z",
    "--yes",
  );
  expect(unknown.code).toBe(2);

  const set = await service.cli(
    ...["override", "set", "pin", "default/chat", "--replicas", "0", "--reason", "maintenance"],
    ...["--author", "ada", "--yes", "--format", "json"],
  );
  expect(set).toMatchObject({ code: 0 });
  const { id } = JSON.parse(set.stdout) as { id: string };
  await untilReplicas(lab, [[chat, 0]]);
  const list = await waitFor("its effect", async () => {
    const { stdout } = await service.cli("override", "list");
    return stdout.includes("pinned to 0") && stdout;
  });
  expect(list).toContain("ada");
  const cleared = await service.cli("override", "clear", id, "--reason", "done", "--author", "bob");
  expect(cleared.code).toBe(0);
  await untilReplicas(lab, [[chat, 2]]);
  const audit = (await service.cli("override", "audit")).stdout;
  expect(audit).toContain("maintenance");
  expect(audit).toContain("bob");
}, 120_000);

test("an override that kubectl made is obeyed until its end, which is told", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 5 } });
  await untilReplicas(lab, [[chat, 1]]);
  const spec = {
    action: "floor",
    replicas: 3,
    subject: { kind: "variant", name: "default/chat" },
    reason: "a launch",
    author: "ada",
    expiresAt: new Date(Date.now() + 8_000).toISOString(),
  };
  await createResource(lab, "PlacementOverride", "launch", spec);
  await untilReplicas(lab, [[chat, 3]]);
  await untilReplicas(lab, [[chat, 1]]);
  await waitFor("its status", async () => {
    const { status } = await lab.api.get(resourcePath("PlacementOverride", "launch"));
    return status?.applied === false;
  });
  const { stdout } = await service.cli("override", "audit", "--format", "json");
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ action: "override expired: floor" }));
}, 120_000);

test("draining a pool moves its replicas to another, after those are ready", async () => {
  const cheap = await addVariant(lab, "cheap", { workload: "chat", accelerator: "l40s", spec: { demandPerSecond: 5 } });
  const dear = await addVariant(lab, "dear", { workload: "chat", spec: { demandPerSecond: 5 } });
  await untilReplicas(lab, [[cheap, 1]]);
  await lab.readyPods("app=cheap", 1);
  const set = await service.cli("override", "set", "drain", "pool:l40s", "--reason", "new drivers", "--yes");
  expect(set.code).toBe(0);
  await untilReplicas(lab, [
    [cheap, 0],
    [dear, 1],
  ]);
  await lab.readyPods("app=dear", 1);
}, 120_000);

test("status, why, whatif and watch answer from the running fleet", async () => {
  await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 15 } });
  await lab.readyPods("app=chat", 3);
  await waitFor("the plan to be met", async () => (await service.variant("chat")).ready === 3);
  const status = await service.cli("status");
  expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining("default/chat") });
  expect(status.stdout).toContain("this replica leads");
  const json = JSON.parse((await service.cli("status", "--format", "json")).stdout);
  expect(json).toMatchObject({ leader: true });
  const why = await service.cli("why", "default/chat");
  expect(why.stdout).toContain("100 % of its demand");
  expect((await service.cli("why", "default/nothing")).code).toBe(2);
  const policy = await lab.api.get(resourcePath("PlacementPolicy", "default"));
  expect(policy.status).toMatchObject({
    leader: `default/${(await service.status()).leaderIdentity}`,
    summary: expect.stringContaining("1 workloads, all served"),
    lastPlan: { status: "optimal" },
  });
  const whatIf = await service.cli("whatif", "--demand", "default/chat=20", "--nodes", "h100=-1x8");
  expect(whatIf).toMatchObject({ code: 0, stdout: expect.stringContaining("default/chat") });
  const watched = await runCli(["watch", "--server", service.address], (stdout) => stdout.split("\n").length > 2);
  expect(watched).toMatchObject({ code: 0, stdout: expect.stringMatching(/plan \d+ \(act\)/) });
}, 120_000);

test("without a service the command line says so, with exit code 3", async () => {
  expect(await runCli(["status", "--server", "127.0.0.1:1"])).toMatchObject({ code: 3 });
});
