import { expect, test } from "vitest";
import { podOf } from "../../src/adapters/kubernetes/convert/pod.ts";
import { signalTargets } from "../../src/app/live/signal-targets.ts";
import { GPU, pod, target, variant, waiting } from "../guard/world.ts";

test("signals are asked of targets that exist, of their pods that run, at the address and port that these give", () => {
  const raw = {
    metadata: {
      namespace: "ns",
      name: "p1",
      annotations: { "prometheus.io/port": "9000", "example.com/secret": "no" },
      ownerReferences: [],
    },
    spec: { nodeName: "n1", containers: [{ resources: { requests: { [GPU]: "1" } } }] },
    status: { podIP: "10.0.0.7" },
  };
  const read = podOf(raw, { resources: [GPU], selectors: [], nodeComing: new Set() })!;
  expect(read).toMatchObject({ ip: "10.0.0.7", metrics: { "prometheus.io/port": "9000" } });
  const targets = signalTargets({
    variants: [variant("a"), variant("gone")],
    targets: [target("a"), target("gone", { found: false })],
    pods: [{ ...read, target: "ns/Deployment/a" }, waiting("a", "p2", 1000), pod(undefined, "foreign")],
  });
  expect(targets).toEqual([
    {
      key: "ns/Deployment/a",
      workload: "ns/a",
      namespace: "ns",
      pods: [{ name: "p1", ip: "10.0.0.7", annotations: { "prometheus.io/port": "9000" } }],
    },
  ]);
});
