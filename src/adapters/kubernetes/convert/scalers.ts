import type { RawObject } from "../api/types.ts";
import { targetKey } from "./owner.ts";

interface RawScaler extends RawObject {
  spec?: { scaleTargetRef?: { kind?: string; name?: string } };
}

/**
 * Which targets other autoscalers own: target key to `kind namespace/name`. A ScaledObject is named rather than the HPA
 * that KEDA makes for it.
 */
export function scalerOwners(
  autoscalers: readonly RawObject[],
  scaledObjects: readonly RawObject[],
): Map<string, string> {
  const owners = new Map<string, string>();
  const add = (scaler: RawScaler, kind: string) => {
    const { metadata, spec } = scaler;
    const reference = spec?.scaleTargetRef;
    if (reference?.name === undefined) return;
    const namespace = metadata?.namespace ?? "";
    owners.set(
      targetKey(namespace, reference.kind ?? "Deployment", reference.name),
      `${kind} ${namespace}/${metadata?.name}`,
    );
  };
  for (const scaler of autoscalers) add(scaler as RawScaler, "HorizontalPodAutoscaler");
  for (const scaler of scaledObjects) add(scaler as RawScaler, "ScaledObject");
  return owners;
}
