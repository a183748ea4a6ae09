import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { KubernetesApi } from "../../src/adapters/kubernetes/api/client.ts";
import { connect } from "../../src/adapters/kubernetes/api/connection.ts";
import { createResource, installCrds, POLICY, resourcePath, variantSpec } from "./adapter-fixtures.ts";
import type { KubeObject } from "./lab/api.ts";
import { type Lab, startLab } from "./lab/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  await installCrds(lab);
});
afterAll(() => lab?.stop());

const override = { action: "pin", replicas: 2, subject: { name: "ml/a" }, reason: "incident 7", author: "ada" };
const times = { alphaMs: 1, betaMs: 1, gammaMs: 1 };

test.each([
  ["VariantAutoscaling", variantSpec("a", { minReplicas: 3, maxReplicas: 2 }), /minReplicas must not exceed/],
  [
    "VariantAutoscaling",
    variantSpec("a", { profile: { dialect: "D2", maxBatchSize: 8, ...times } }),
    /capacityPerSecond and profile exclude/,
  ],
  ["VariantAutoscaling", variantSpec("a", { serving: { kind: "queue" } }), /kind queue takes drainSeconds/],
  ["VariantAutoscaling", variantSpec("a", { scaleToZero: { mode: "maybe" } }), /Unsupported value/],
  ["VariantAutoscaling", variantSpec("a", { capacityPerSecond: 0 }), /greater than 0/],
  ["VariantAutoscaling", variantSpec("a", { role: "all" }), /Unsupported value/],
  [
    "VariantAutoscaling",
    variantSpec("a", { capacityPerSecond: undefined, profile: { dialect: "D1", maxBatchSize: 8, ...times } }),
    /dialect D1 takes/,
  ],
  [
    "VariantAutoscaling",
    variantSpec("a", {
      capacityPerSecond: undefined,
      profile: { dialect: "D2", maxBatchSize: 8, ...times, maxNumTokens: 9 },
    }),
    /belongs to dialect D3/,
  ],
  ["ServiceClass", { priority: 1, weight: 0 }, /greater than 0/],
  ["PlacementPolicy", { ...POLICY, pools: [] }, /at least 1 item/],
  [
    "PlacementPolicy",
    { ...POLICY, quotas: [{ tenant: "a", guaranteedDevices: 4, maxDevices: 2 }] },
    /must not exceed maxD/,
  ],
  [
    "PlacementPolicy",
    { ...POLICY, pending: { probeAfterSeconds: 10, probeAfterMaxSeconds: 5 } },
    /must not exceed probe/,
  ],
  ["PlacementOverride", { ...override, reason: undefined }, /reason: Required/],
  ["PlacementOverride", { ...override, author: "" }, /author/],
  ["PlacementOverride", { ...override, replicas: undefined }, /take replicas/],
  ["PlacementOverride", { ...override, action: "freeze" }, /take replicas/],
  ["PlacementOverride", { ...override, action: "drain", replicas: undefined }, /drain takes a pool or node/],
  ["PlacementOverride", { ...override, subject: { name: "a" } }, /namespace\/name/],
])("%s %j is refused", async (kind, spec, message) => {
  await expect(createResource(lab, kind, "refused", spec)).rejects.toThrow(message);
});

test("the example to start from is accepted, without an unknown field", async () => {
  const text = readFileSync(new URL("../../deploy/first-variant.yaml", import.meta.url), "utf8");
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject;
    await lab.api.post(`${resourcePath(object.kind)}?dryRun=All&fieldValidation=Strict`, object);
  }
});

test("defaults are filled in", async () => {
  const policy = await createResource(lab, "PlacementPolicy", "default", POLICY);
  expect(policy.spec).toMatchObject({
    objective: "lexicographic",
    pools: [{ resource: "nvidia.com/gpu" }, { nodeLabels: {} }],
    pending: { unschedulableTimeoutSeconds: 60, startTimeQuantile: 0.95 },
    defaults: { startSeconds: 120 },
  });
  const variant = await createResource(lab, "VariantAutoscaling", "chat", variantSpec("chat"));
  expect(variant.spec).toMatchObject({ policy: "default", role: "both", minReplicas: 0, suspended: false });
  expect(variant.spec.scaleTargetRef.apiVersion).toBe("apps/v1");
  expect((await createResource(lab, "ServiceClass", "premium", { priority: 0 })).spec).toMatchObject({
    weight: 1,
    slo: {},
  });
});

test("what a variant scales cannot change, nor what an override decides", async () => {
  const change = { spec: { scaleTargetRef: { name: "other" } } };
  await expect(lab.api.patch(resourcePath("VariantAutoscaling", "chat"), change)).rejects.toThrow(/cannot change/);
  await createResource(lab, "PlacementOverride", "pin", override);
  const path = resourcePath("PlacementOverride", "pin");
  await expect(lab.api.patch(path, { spec: { reason: "another" } })).rejects.toThrow(/only expiresAt can change/);
  await lab.api.patch(path, { spec: { expiresAt: "2030-01-01T00:00:00Z" } });
});

test("a plan older than one that acted is refused", async () => {
  const path = `${resourcePath("VariantAutoscaling", "chat")}/status`;
  await lab.api.patch(path, { status: { asked: { revision: 7, replicas: 1 } } });
  await lab.api.patch(path, { status: { asked: { revision: 7, replicas: 2 } } });
  await expect(lab.api.patch(path, { status: { asked: { revision: 6, replicas: 1 } } })).rejects.toThrow(/newer plan/);
});

test("`kubectl get va` tells what matters", async () => {
  const status = { desiredReplicas: 3, readyReplicas: 2, attainment: 0.83, reason: "ShortOfDevices" };
  await lab.api.patch(`${resourcePath("VariantAutoscaling", "chat")}/status`, { status });
  const connection = await connect({ kubeconfigFile: lab.kubeconfig });
  const table = await new KubernetesApi(connection).get<Table>(
    resourcePath("VariantAutoscaling"),
    "application/json;as=Table;v=v1;g=meta.k8s.io",
  );
  connection.agent.destroy();
  // Columns of a higher priority are those of `-o wide`.
  const shown = table.columnDefinitions.flatMap(({ name, priority }, index) =>
    priority === 0 ? [{ name, index }] : [],
  );
  const row = shown.map(({ name, index }) => [name, table.rows[0]?.cells[index]]);
  expect(row).toEqual([
    ["Name", "chat"],
    ["Target", "chat"],
    ["Desired", 3],
    ["Ready", 2],
    ["Attainment", 0.83],
    ["Reason", "ShortOfDevices"],
    ["Age", expect.any(String)],
  ]);
});

interface Table {
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[] }[];
}
