import type { WorldTarget } from "../../../snapshot/world/types.ts";
import type { RawObject } from "../api/types.ts";
import { targetKey } from "./owner.ts";

interface RawScaler extends RawObject {
  spec?: {
    scaleTargetRef?: { kind?: string; name?: string };
    triggers?: { type?: string; metadata?: Record<string, string> }[];
  };
}

export type ScalerOwner = Pick<WorldTarget, "ownedBy" | "handedTo">;

/** KEDA puts it on the HPA that it makes for a ScaledObject. */
const SCALED_OBJECT_LABEL = "scaledobject.keda.sh/name";
const EXTERNAL_TRIGGERS = new Set(["external", "external-push"]);

/**
 * Which targets other autoscalers own, by key of the target. A ScaledObject stands for the HPA that KEDA makes for it. One with an
 * external trigger whose metadata names a `variant` reads its count from this service: the target is handed to it, unless
 * another autoscaler owns the target beside it.
 */
export function scalerOwners(
  autoscalers: readonly RawObject[],
  scaledObjects: readonly RawObject[],
): Map<string, ScalerOwner> {
  const owners = new Map<string, ScalerOwner>();
  const made = new Set(scaledObjects.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
  for (const scaler of scaledObjects as readonly RawScaler[]) {
    const handed = scaler.spec?.triggers?.some(asksHere) ?? false;
    add(owners, scaler, handed ? { handedTo: nameOf(scaler, "ScaledObject") } : owned(scaler, "ScaledObject"));
  }
  for (const scaler of autoscalers as readonly RawScaler[]) {
    const { namespace, labels } = scaler.metadata ?? {};
    const ofKeda = made.has(`${namespace}/${labels?.[SCALED_OBJECT_LABEL]}`);
    if (!ofKeda) add(owners, scaler, owned(scaler, "HorizontalPodAutoscaler"));
  }
  return owners;
}

function asksHere({ type, metadata }: { type?: string; metadata?: Record<string, string> }): boolean {
  return EXTERNAL_TRIGGERS.has(type ?? "") && metadata?.variant !== undefined;
}

function owned(scaler: RawScaler, kind: string): ScalerOwner {
  return { ownedBy: nameOf(scaler, kind) };
}

function nameOf({ metadata }: RawScaler, kind: string): string {
  return `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;
}

/** A target that one owns and another is handed to is owned. */
function add(owners: Map<string, ScalerOwner>, { metadata, spec }: RawScaler, owner: ScalerOwner): void {
  const reference = spec?.scaleTargetRef;
  if (reference?.name === undefined) return;
  const key = targetKey(metadata?.namespace ?? "", reference.kind ?? "Deployment", reference.name);
  if (owner.ownedBy !== undefined || owners.get(key)?.ownedBy === undefined) owners.set(key, owner);
}
