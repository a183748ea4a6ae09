import type { Policy, WorldOverride, WorldServiceClass, WorldVariant } from "../../snapshot/world/types.ts";
import type { KubernetesApi } from "./api/client.ts";
import type { RawObject } from "./api/types.ts";
import {
  GROUP_PATH,
  overrideOf,
  policyNameOf,
  policyOf,
  serviceClassOf,
  targetRefOf,
  variantDefaultsOf,
  variantOf,
} from "./convert/resources.ts";
import type { TargetRef } from "./convert/target.ts";

/** What people declared of one scope. */
export interface Resources {
  /** Undefined where the scope has none. */
  policy?: Policy;
  variants: WorldVariant[];
  /** By key of the target. */
  targetRefs: Map<string, TargetRef>;
  classes: WorldServiceClass[];
  overrides: WorldOverride[];
  /** Status of every variant as the cluster has it, by key. */
  statuses: Map<string, unknown>;
  actedRevision: number;
  /** Who wrote the status of the policy last, and of which plan. */
  policyWriter?: { leader: string; revision: number };
}

/** Reads the four kinds of the group, those of other scopes left out. */
export async function readResources(api: KubernetesApi, scope: string): Promise<Resources> {
  const [policies, variants, classes, overrides] = await Promise.all([
    collect(api, `${GROUP_PATH}/placementpolicies`),
    collect(api, `${GROUP_PATH}/variantautoscalings`),
    collect(api, `${GROUP_PATH}/serviceclasses`),
    collect(api, `${GROUP_PATH}/placementoverrides`),
  ]);
  const policy = policies.find(({ metadata }) => metadata?.name === scope);
  const defaults = policy === undefined ? {} : variantDefaultsOf(policy);
  const inScope = (raw: RawObject) => policyNameOf(raw) === scope && raw.metadata?.deletionTimestamp === undefined;
  const own = variants.filter(inScope);
  const converted = own.map((raw) => variantOf(raw, defaults));
  return {
    policy: policy === undefined ? undefined : policyOf(policy),
    variants: converted,
    targetRefs: new Map(own.map((raw, index) => [converted[index]!.target, targetRefOf(raw)])),
    classes: classes.map(serviceClassOf),
    overrides: overrides.filter(inScope).map(overrideOf),
    statuses: new Map(own.map((raw, index) => [converted[index]!.key, raw.status])),
    actedRevision: Math.max(0, ...own.map(actedRevisionOf)),
    policyWriter: policy === undefined ? undefined : policyWriterOf(policy),
  };
}

/** All objects of a collection. */
export async function collect(api: KubernetesApi, path: string, query?: Record<string, string>): Promise<RawObject[]> {
  const items: RawObject[] = [];
  const restart = () => {
    items.length = 0;
  };
  await api.list(path, (item) => items.push(item), { query, restart });
  return items;
}

function policyWriterOf(raw: RawObject): Resources["policyWriter"] {
  const { leader = "", lastPlan } = (raw.status ?? {}) as { leader?: string; lastPlan?: { revision?: number } };
  return leader === "" ? undefined : { leader, revision: lastPlan?.revision ?? 0 };
}

function actedRevisionOf(raw: RawObject): number {
  return (raw.status as { asked?: { revision?: number } } | undefined)?.asked?.revision ?? 0;
}
