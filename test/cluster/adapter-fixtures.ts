import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { adaptersOver, type KubernetesAdapters } from "../../src/adapters/kubernetes/adapters.ts";
import { connect } from "../../src/adapters/kubernetes/api/connection.ts";
import type { KubeObject } from "./lab/api.ts";
import { type Cluster, waitFor } from "./lab/cluster.ts";

/** What the tests of the Kubernetes adapter share. */

const CRDS = new URL("../../deploy/crds/", import.meta.url);
const GROUP = "apportion.dev/v1alpha1";
const GROUP_PATH = `/apis/${GROUP}`;

/** Installs the CRDs that are shipped, and waits until they are served. */
export async function installCrds(cluster: Cluster): Promise<void> {
  for (const file of readdirSync(CRDS)) {
    const crd = parse(readFileSync(new URL(file, CRDS), "utf8")) as KubeObject;
    // Strict: a key that YAML made of a stray comma would be dropped in silence.
    await cluster.api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict", crd);
    await waitFor(`${file} to be served`, () => cluster.api.answers(`${GROUP_PATH}/${crd.spec.names.plural}`));
  }
}

const PLURALS: Record<string, string> = {
  VariantAutoscaling: "namespaces/default/variantautoscalings",
  ServiceClass: "serviceclasses",
  PlacementPolicy: "placementpolicies",
  PlacementOverride: "placementoverrides",
};

export const resourcePath = (kind: string, name = "") =>
  `${GROUP_PATH}/${PLURALS[kind]}${name === "" ? "" : `/${name}`}`;

export function createResource(cluster: Cluster, kind: string, name: string, spec: object): Promise<KubeObject> {
  return cluster.api.post(resourcePath(kind), { apiVersion: GROUP, kind, metadata: { name }, spec });
}

export const POLICY = {
  mode: "act",
  pools: [
    { name: "h100", nodeLabels: { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" }, pricePerDeviceHour: 4 },
    { name: "mi300x", resource: "amd.com/gpu", pricePerDeviceHour: 3 },
  ],
};

export function variantSpec(target: string, more: object = {}): object {
  return {
    scaleTargetRef: { kind: "Deployment", name: target },
    workload: "chat",
    serviceClass: "premium",
    capacityPerSecond: 2,
    ...more,
  };
}

/** Scope `default`, and a log that keeps quiet. */
export async function adapters(
  kubeconfigFile: string,
  identity = "test",
  namespace = "default",
): Promise<KubernetesAdapters> {
  const connection = await connect({ kubeconfigFile });
  const quiet = () => {};
  return adaptersOver(connection, {
    scope: "default",
    namespace,
    identity,
    clock: { nowMs: () => Date.now() },
    log: { info: quiet, warn: quiet, error: quiet },
  });
}
