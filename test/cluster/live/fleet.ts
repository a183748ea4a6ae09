import { createResource, installCrds, resourcePath } from "../adapter-fixtures.ts";
import type { KubeObject } from "../lab/api.ts";
import { type Condition, waitFor } from "../lab/cluster.ts";
import type { Lab } from "../lab/lab.ts";
import { ACCELERATORS, type Accelerator, deployment, type WorkloadSpec } from "../lab/objects.ts";
import type { LiveService } from "./service.ts";

/** Everything happens at once where nothing else is tested. */
const AT_ONCE = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 100, periodSeconds: 1 }] },
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 100, periodSeconds: 1 }] },
};

const FAST_POLICY = {
  mode: "act",
  pools: [
    { name: "h100", nodeLabels: { "nvidia.com/gpu.product": ACCELERATORS.h100.product }, pricePerDeviceHour: 4 },
    { name: "l40s", nodeLabels: { "nvidia.com/gpu.product": ACCELERATORS.l40s.product }, pricePerDeviceHour: 1 },
  ],
  pending: { unschedulableTimeoutSeconds: 3, probeAfterSeconds: 4, quarantineSeconds: 5 },
  defaults: { startSeconds: 60, behavior: AT_ONCE },
};

/** CRDs, two service classes and the policy `default`. */
export async function setUpFleet(lab: Lab, policy: object = {}): Promise<void> {
  await installCrds(lab);
  await createResource(lab, "ServiceClass", "premium", { priority: 0 });
  await createResource(lab, "ServiceClass", "batch", { priority: 10 });
  await createResource(lab, "PlacementPolicy", "default", { ...FAST_POLICY, ...policy });
}

export const patchPolicy = (lab: Lab, spec: object) =>
  lab.api.patch(resourcePath("PlacementPolicy", "default"), { spec });

export interface VariantOptions extends Partial<WorkloadSpec> {
  workload: string;
  /** Default h100. */
  accelerator?: Accelerator;
  /** Of one replica; default 4. */
  gpus?: number;
  /** Fields of the VariantAutoscaling. */
  spec?: object;
}

/** A Deployment and the variant of the same name that scales it: a replica serves 5 requests per second. */
export async function addVariant(lab: Lab, name: string, options: VariantOptions): Promise<KubeObject> {
  const { workload, accelerator = "h100", gpus = 4, spec, ...rest } = options;
  const { resource, label, product } = ACCELERATORS[accelerator];
  const devices = { [resource]: gpus };
  const target = deployment({ name, devices, nodeSelector: { [label]: product }, ...rest });
  await lab.create(target);
  await addVariantOf(lab, name, workload, { kind: "Deployment", name }, spec);
  return target;
}

export function addVariantOf(
  lab: Lab,
  name: string,
  workload: string,
  scaleTargetRef: object,
  spec: object = {},
): Promise<KubeObject> {
  const common = { scaleTargetRef, workload, serviceClass: "premium", capacityPerSecond: 5 };
  return createResource(lab, "VariantAutoscaling", name, { ...common, ...spec });
}

export const patchVariant = (lab: Lab, name: string, spec: object) =>
  lab.api.patch(resourcePath("VariantAutoscaling", name), { spec });

/** Of a variant, as the cluster has it. */
async function conditionOf(lab: Lab, name: string, type: string): Promise<Condition | undefined> {
  const { status } = await lab.api.get(resourcePath("VariantAutoscaling", name));
  return status?.conditions?.find((condition: Condition) => condition.type === type);
}

/** Waits until a condition of a variant has a status and a reason. */
export function untilCondition(lab: Lab, name: string, type: string, status: string, reason: string) {
  return waitFor(`${type}=${status} (${reason}) of ${name}`, async () => {
    const found = await conditionOf(lab, name, type);
    if (found?.status === status && found.reason === reason) return found;
    throw new Error(`it is ${JSON.stringify(found)}`);
  });
}

/** Waits until every target asks for a count. */
export function untilReplicas(lab: Lab, counts: [KubeObject, number][]): Promise<true> {
  const wanted = counts.map(([target, count]) => `${target.metadata.name}=${count}`).join(" ");
  return waitFor(wanted, async () => {
    const found = await Promise.all(counts.map(([target]) => lab.replicas(target)));
    if (counts.every(([, count], index) => found[index] === count)) return true;
    throw new Error(`they are ${found.join(" ")}`);
  });
}

/** Waits until so many cycles began after now, so that what is in the cluster now has been seen. */
export async function cycles(service: LiveService, count: number): Promise<void> {
  const begin = (await service.status()).plan?.revision ?? 0n;
  await waitFor(`${count} cycles`, async () => ((await service.status()).plan?.revision ?? 0n) > begin + BigInt(count));
}

/** Removes all variants, targets and pods. */
export async function clearFleet(lab: Lab): Promise<void> {
  await lab.api.delete(resourcePath("VariantAutoscaling"));
  await lab.api.delete(resourcePath("PlacementOverride"));
  await lab.clear();
}

/** The highest and lowest count that a target asks for while `work` runs. */
export async function rangeWhile(lab: Lab, target: KubeObject, work: () => Promise<unknown>): Promise<number[]> {
  const seen = new Set<number>();
  let running = true;
  const watching = (async () => {
    while (running) {
      const count = await lab.replicas(target).catch(() => undefined);
      if (count !== undefined) seen.add(count);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  try {
    await work();
  } finally {
    running = false;
    await watching;
  }
  return [...seen].sort((a, b) => a - b);
}
