import { expect, test } from "vitest";
import type { RawObject } from "../../src/adapters/kubernetes/api/types.ts";
import { scalerOwners } from "../../src/adapters/kubernetes/convert/scalers.ts";

const reference = { kind: "Deployment", name: "chat" };

function hpa(name: string, labels: Record<string, string> = {}): RawObject {
  return { metadata: { namespace: "ns", name, labels }, spec: { scaleTargetRef: reference } };
}

function scaledObject(trigger: object): RawObject {
  return { metadata: { namespace: "ns", name: "so" }, spec: { scaleTargetRef: { name: "chat" }, triggers: [trigger] } };
}

const OURS = { type: "external", metadata: { scalerAddress: "apportion.apportion:50051", variant: "chat" } };
const OF_KEDA = hpa("keda-hpa-so", { "scaledobject.keda.sh/name": "so" });

test.each([
  ["an HPA", [hpa("x")], [], { ownedBy: "HorizontalPodAutoscaler ns/x" }],
  ["a ScaledObject", [OF_KEDA], [scaledObject({ type: "cron" })], { ownedBy: "ScaledObject ns/so" }],
  ["our external trigger", [OF_KEDA], [scaledObject(OURS)], { handedTo: "ScaledObject ns/so" }],
  ["our push trigger", [], [scaledObject({ ...OURS, type: "external-push" })], { handedTo: "ScaledObject ns/so" }],
  [
    "the external trigger of another scaler",
    [OF_KEDA],
    [scaledObject({ type: "external", metadata: { scalerAddress: "other:1" } })],
    { ownedBy: "ScaledObject ns/so" },
  ],
  [
    "our trigger beside a foreign HPA",
    [OF_KEDA, hpa("x")],
    [scaledObject(OURS)],
    { ownedBy: "HorizontalPodAutoscaler ns/x" },
  ],
  ["an HPA of KEDA without its ScaledObject", [OF_KEDA], [], { ownedBy: "HorizontalPodAutoscaler ns/keda-hpa-so" }],
])("%s", (_, autoscalers, scaledObjects, owner) => {
  expect(scalerOwners(autoscalers, scaledObjects)).toEqual(new Map([["ns/Deployment/chat", owner]]));
});
