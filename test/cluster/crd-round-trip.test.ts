import { afterAll, beforeAll, expect, test } from "vitest";
import { CONVERTED } from "../kubernetes/converted.ts";
import { EVERY_FIELD } from "../kubernetes/every-field.ts";
import { installCrds, resourcePath } from "./adapter-fixtures.ts";
import type { KubeObject } from "./lab/api.ts";
import { type Lab, startLab } from "./lab/lab.ts";

/** Through a real API server and back: what it drops, changes or fills in must not change what the service makes of it. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  await installCrds(lab);
});
afterAll(() => lab?.stop());

const apiVersion = "apportion.dev/v1alpha1";

/** As the API server keeps it; a field that it does not know is an error. */
async function stored(kind: string, name: string, spec: object): Promise<KubeObject> {
  const object = { apiVersion, kind, metadata: { name }, spec };
  await lab.api.post(`${resourcePath(kind)}?fieldValidation=Strict`, object);
  return lab.api.get(resourcePath(kind, name));
}

const all = Object.entries(EVERY_FIELD).flatMap(([kind, specs]) =>
  specs.map((spec, index) => ({ kind, spec, name: `${kind.toLowerCase()}-${index}` })),
);

test.each(all)("$name comes back with every field, and means the same", async ({ kind, name, spec }) => {
  const object = await stored(kind, name, spec);
  expect(object.spec).toMatchObject(spec);
  expect(CONVERTED[kind]!(object)).toEqual(CONVERTED[kind]!({ metadata: object.metadata, spec }));
});

const target = { scaleTargetRef: { kind: "Deployment", name: "a" }, workload: "chat", serviceClass: "premium" };
const least: [string, object][] = [
  ["VariantAutoscaling", target],
  ["VariantAutoscaling", { ...target, scaleToZero: { mode: "auto" }, behavior: { scaleUp: { tolerance: 0.5 } } }],
  ["VariantAutoscaling", { ...target, profile: { maxBatchSize: 8, baseMs: 5, perSequenceMs: 1, perPromptTokenMs: 1 } }],
  ["VariantAutoscaling", { ...target, serving: { kind: "queue", drainSeconds: 60 } }],
  ["ServiceClass", { priority: 1 }],
  ["PlacementPolicy", { pools: [{ name: "h100" }], quotas: [{ tenant: "a" }] }],
  ["PlacementOverride", { action: "freeze", subject: { name: "ml/a" }, reason: "incident 7", author: "ada" }],
];

// An object may have been stored before a field had a default.
test.each(least)(
  "%s %j means the same with the defaults of the CRD and with those of the service",
  async (kind, spec) => {
    const name = `least-${least.findIndex(([, each]) => each === spec)}`;
    const object = await stored(kind, name, spec);
    expect(CONVERTED[kind]!(object)).toEqual(CONVERTED[kind]!({ metadata: object.metadata, spec }));
  },
);

const metric = (type: string, target: object) => ({ kind: "utilization", metrics: [{ type, name: "load", target }] });
const queue = { kind: "queue", drainSeconds: 60 };

// The service would read none of these: the variant would be served by tokens, and nobody told.
test.each([
  [{ ...queue, limitMs: 5 }, /belong to kind lag/],
  [{ ...queue, replicas: 2 }, /belongs to kind fixed/],
  [{ kind: "fixed", replicas: 2, drainSeconds: 60 }, /belong to kind queue/],
  [{ kind: "llm", lateSeconds: 60 }, /belong to kind batch/],
  [{ ...queue, scaleUpTolerance: 0.1 }, /belong to kind utilization/],
  [metric("Pods", { type: "Utilization", averageUtilization: 60 }), /Utilization is a target of Resource/],
  [metric("Resource", { type: "Value", value: 60 }), /Value one of Object and External/],
  [metric("Pods", { type: "AverageValue", value: 60 }), /the one value that its type names/],
  [metric("Pods", { type: "AverageValue", averageValue: 6, value: 60 }), /the one value that its type names/],
])("serving %j is refused", async (serving, message) => {
  await expect(stored("VariantAutoscaling", "refused", { ...target, serving })).rejects.toThrow(message);
});
