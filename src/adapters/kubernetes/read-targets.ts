import type { WorldTarget } from "../../snapshot/world/types.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import type { RawObject, RawScale } from "./api/types.ts";
import { inParallel } from "./concurrency.ts";
import { parseSelector, type TargetSelector, targetKey } from "./convert/owner.ts";
import { type ScalerOwner, scalerOwners } from "./convert/scalers.ts";
import { type TargetRef, targetOf, unusableTarget } from "./convert/target.ts";
import type { ApiResource, Discovery } from "./discovery.ts";
import { groupPath, objectPath } from "./paths.ts";
import { collect } from "./read-resources.ts";

export interface Targets {
  targets: WorldTarget[];
  /** Of targets whose pods are known by the selector of their scale alone. */
  selectors: TargetSelector[];
}

/** Kinds whose count is known to stand in `spec.replicas`, and whose pods are known by their owner. */
const KNOWN_KINDS = new Set(["Deployment", "StatefulSet", "LeaderWorkerSet"]);
const SCALE_REQUESTS = 8;

/** Reads every target: kind by kind with one list, and the scale of each where the kind is not a known one. */
export async function readTargets(
  api: KubernetesApi,
  discovery: Discovery,
  refs: readonly TargetRef[],
  resources: readonly string[],
): Promise<Targets> {
  const owners = readOwners(api, discovery);
  owners.catch(() => {}); // Reported where it is awaited; a kind that fails first must not leave it unhandled.
  const kinds = Map.groupBy(refs, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  const results = await inParallel([...kinds.values()], 4, (group) => readKind(api, discovery, group, resources));
  const owned = await owners;
  return {
    targets: results.flatMap(({ targets }) => targets).map((target) => ({ ...target, ...owned.get(target.key) })),
    selectors: results.flatMap(({ selectors }) => selectors),
  };
}

/** Other autoscalers, KEDA's only where it is installed. */
async function readOwners(api: KubernetesApi, discovery: Discovery): Promise<Map<string, ScalerOwner>> {
  const [autoscalers, keda] = await Promise.all([
    collect(api, "/apis/autoscaling/v2/horizontalpodautoscalers"),
    discovery.find("keda.sh/v1alpha1", "ScaledObject"),
  ]);
  const scaledObjects = keda === undefined ? [] : await collect(api, "/apis/keda.sh/v1alpha1/scaledobjects");
  return scalerOwners(autoscalers, scaledObjects);
}

async function readKind(
  api: KubernetesApi,
  discovery: Discovery,
  refs: readonly TargetRef[],
  resources: readonly string[],
): Promise<Targets> {
  const { apiVersion, kind } = refs[0]!;
  const unusable = (problem: string): Targets => ({
    targets: refs.map((ref) => unusableTarget(ref, false, problem)),
    selectors: [],
  });
  const resource = await discovery.find(apiVersion, kind);
  if (resource === undefined) return unusable(`the cluster has no ${kind} in ${apiVersion}`);
  if (!resource.namespaced || !resource.scalable) return unusable(`${kind} in ${apiVersion} has no scale subresource`);
  let objects: Map<string, RawObject>;
  try {
    objects = await readObjects(api, refs, resource);
  } catch (error) {
    const failure = asApiError(error);
    if (failure.kind !== "forbidden") throw failure;
    return unusable(failure.message);
  }
  if (KNOWN_KINDS.has(kind)) {
    return { targets: refs.map((ref) => ofObject(ref, objects, resources)), selectors: [] };
  }
  const read = await inParallel(refs, SCALE_REQUESTS, (ref) => readScaled(api, ref, resource, objects, resources));
  return { targets: read.map(({ target }) => target), selectors: read.flatMap(({ selector }) => selector ?? []) };
}

/** Those of one kind that are targets, by key. */
async function readObjects(
  api: KubernetesApi,
  refs: readonly TargetRef[],
  resource: ApiResource,
): Promise<Map<string, RawObject>> {
  const { apiVersion, kind } = refs[0]!;
  const wanted = new Set(refs.map(({ namespace, name }) => targetKey(namespace, kind, name)));
  const objects = new Map<string, RawObject>();
  const visit = (item: RawObject) => {
    const key = targetKey(item.metadata?.namespace ?? "", kind, item.metadata?.name ?? "");
    if (wanted.has(key)) objects.set(key, item);
  };
  await api.list(`${groupPath(apiVersion)}/${resource.plural}`, visit, { restart: () => objects.clear() });
  return objects;
}

function ofObject(ref: TargetRef, objects: Map<string, RawObject>, resources: readonly string[], scale?: RawScale) {
  const raw = objects.get(targetKey(ref.namespace, ref.kind, ref.name));
  if (raw === undefined) return unusableTarget(ref, false, `there is no ${ref.kind} ${ref.namespace}/${ref.name}`);
  return targetOf(ref, raw, resources, scale);
}

async function readScaled(
  api: KubernetesApi,
  ref: TargetRef,
  resource: ApiResource,
  objects: Map<string, RawObject>,
  resources: readonly string[],
): Promise<{ target: WorldTarget; selector?: TargetSelector }> {
  try {
    const scale = await api.get<RawScale>(
      `${objectPath(ref.apiVersion, resource.plural, ref.namespace, ref.name)}/scale`,
    );
    const target = ofObject(ref, objects, resources, scale);
    const matches = parseSelector(scale.status?.selector);
    return { target, selector: { target: target.key, namespace: ref.namespace, matches } };
  } catch (error) {
    const failure = asApiError(error);
    if (failure.kind === "notFound") return { target: ofObject(ref, objects, resources) };
    if (failure.kind !== "forbidden") throw failure;
    return { target: unusableTarget(ref, true, failure.message) };
  }
}
